//! How the work of a worker begins, and with what settings.

pub(crate) use std::convert::identity as plain;
use std::thread::sleep;
use std::time::Duration;

use nano_webhook_core::dedupe::DedupeBuilder;

use crate::processes::{LEASE, Processes};
use crate::world::End::Ok;
use crate::world::Point::Claim;
use crate::{delivery, delivery_with};

pub(crate) const SHORTEST: Duration = Duration::from_millis(100);

pub(crate) fn shortest(dedupe: DedupeBuilder) -> DedupeBuilder {
    dedupe.lease(SHORTEST)
}

pub(crate) fn once(dedupe: DedupeBuilder) -> DedupeBuilder {
    dedupe.renew_for(Duration::ZERO)
}

pub(crate) fn polled(p: &mut Processes) -> usize {
    let worker = p.deliver(&delivery("task"));
    p.poll(worker);
    worker
}

pub(crate) fn differing(p: &mut Processes) -> usize {
    let first = p.deliver(&delivery_with("task", "another body"));
    p.finish(first);
    polled(p)
}

pub(crate) fn with_gaps(p: &mut Processes) -> usize {
    p.world.lock().gaps = true;
    polled(p)
}

pub(crate) fn handled(p: &mut Processes) -> usize {
    let worker = polled(p);
    p.serve(worker, Claim, Ok);
    worker
}

pub(crate) fn after_a_death(p: &mut Processes) -> usize {
    let dead = handled(p);
    p.cut(dead);
    p.jump(|now| now + LEASE);
    polled(p)
}

pub(crate) fn taken_over(p: &mut Processes) -> usize {
    let worker = handled(p);
    p.jump(|now| now + LEASE);
    handled(p);
    worker
}

pub(crate) fn slow(p: &mut Processes) -> usize {
    let worker = polled(p);
    sleep(SHORTEST);
    p.serve(worker, Claim, Ok);
    worker
}

pub(crate) fn slower(p: &mut Processes) -> usize {
    let worker = slow(p);
    sleep(SHORTEST);
    worker
}

pub(crate) fn releasing(p: &mut Processes) -> usize {
    let parked = after_a_death(p);
    p.finish(parked);
    p.jump(|now| now + Duration::from_millis(1));
    let worker = p.release_parked(p.dedupe.delivery_id(&delivery("task")));
    p.poll(worker);
    worker
}

/// Another receiver handles the delivery.
pub(crate) fn late(p: &mut Processes) -> usize {
    handled(p);
    polled(p)
}

/// Its lease is over in real time too.
pub(crate) fn aged(p: &mut Processes) -> usize {
    let worker = handled(p);
    sleep(SHORTEST);
    worker
}

pub(crate) fn slow_and_taken_over(p: &mut Processes) -> usize {
    let worker = slow(p);
    p.jump(|now| now + LEASE);
    handled(p);
    worker
}
