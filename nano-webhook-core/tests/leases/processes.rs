use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use nano_webhook_core::adapter::Claimed;
use nano_webhook_core::dedupe::{Dedupe, DedupeBuilder, DeliveryId, OutcomeKind};
use nano_webhook_core::{Delivery, ErrorKind};

use crate::world::{End, Point, Shared, Worker};

/// So long that core measures no time.
pub(crate) const LEASE: Duration = Duration::from_secs(3600);
pub(crate) const RETENTION: Duration = LEASE.saturating_mul(20);

/// How the work on a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Handled(OutcomeKind),
    Duplicate(OutcomeKind),
    Rejected(ErrorKind),
    ReleasedParked(bool),
    Died,
}

pub(crate) type Set = fn(DedupeBuilder) -> DedupeBuilder;

type Work = Pin<Box<dyn Future<Output = Ended>>>;

/// Adapters at work on core, around one store. Nothing happens unless told.
pub(crate) struct Processes {
    pub(crate) world: Shared,
    pub(crate) dedupe: Dedupe,
    work: Vec<Option<Work>>,
}

impl Processes {
    pub(crate) fn new(set: Set) -> Self {
        let world = Shared::default();
        // So that the clock can be set back.
        world.lock().store.clock.set(RETENTION);
        let dedupe = process(&world, set);
        Self {
            world,
            dedupe,
            work: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.work.len()
    }

    fn add(&mut self, work: impl Future<Output = Ended> + 'static) -> usize {
        self.world.lock().workers.push(Worker::default());
        self.work.push(Some(Box::pin(work)));
        self.len() - 1
    }

    /// A request, not yet polled.
    pub(crate) fn deliver(&mut self, delivery: &Delivery) -> usize {
        let (world, worker) = (self.world.clone(), self.len());
        let timers = world.clone();
        let in_flight = self.dedupe.in_flight();
        let claim = self.dedupe.claim(delivery, move |_| {
            let timer = timers.wait(Point::Timer);
            async {
                timer.await;
            }
        });
        // It counts before it is polled.
        assert_eq!(self.dedupe.in_flight(), in_flight + 1);
        self.add(async move {
            world.gap().await;
            let claim = match claim.await {
                Claimed::Held(claim) => claim,
                Claimed::Duplicate(outcome) => return Ended::Duplicate(outcome.kind()),
                Claimed::Rejected(error, settling) => {
                    if let Some(settling) = settling {
                        world.lock().workers[worker].succeeded = Some(false);
                        settling.await;
                    }
                    return Ended::Rejected(error.kind());
                }
            };
            world.lock().workers[worker].lease = claim.lease();
            world.gap().await;
            let handler = async {
                let success = world.wait(Point::Handler).await.0 == End::Ok;
                world.lock().workers[worker].succeeded = Some(success);
                success
            };
            let handled = claim.run(handler, |success| *success).await;
            if let Some(settling) = handled.settling {
                world.gap().await;
                settling.await;
            }
            Ended::Handled(handled.outcome.kind())
        })
    }

    pub(crate) fn release_parked(&mut self, id: DeliveryId) -> usize {
        let dedupe = self.dedupe.clone();
        self.add(async move {
            match dedupe.release_parked(id).await {
                Ok(parked) => Ended::ReleasedParked(parked),
                Err(_) => Ended::Rejected(ErrorKind::StoreUnavailable),
            }
        })
    }

    pub(crate) fn poll(&mut self, worker: usize) {
        let Some(work) = &mut self.work[worker] else {
            return;
        };
        self.world.lock().polled = worker;
        let mut context = Context::from_waker(Waker::noop());
        let ended = match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context))) {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(ended)) => ended,
            Err(_) => Ended::Died,
        };
        self.work[worker] = None;
        self.world.lock().workers[worker].ended = Some(ended);
    }

    pub(crate) fn cut(&mut self, worker: usize) {
        self.work[worker] = None;
        self.world.lock().workers[worker]
            .ended
            .get_or_insert(Ended::Died);
    }

    /// Drops all work, and begins anew with the same store.
    pub(crate) fn die(&mut self, set: Set) {
        (0..self.len()).for_each(|worker| self.cut(worker));
        self.dedupe = process(&self.world, set);
    }

    pub(crate) fn open(&self, worker: usize) -> BTreeMap<Point, usize> {
        let world = self.world.lock();
        let waits = world.waits.iter();
        let open = waits.filter(|(_, wait)| wait.worker == worker && wait.open);
        open.map(|(number, wait)| (wait.at, *number)).collect()
    }

    pub(crate) fn end(&mut self, wait: usize, end: End) {
        let mut world = self.world.lock();
        let wait = world.waits.get_mut(&wait).unwrap();
        wait.end = Some(end);
        let worker = wait.worker;
        drop(world);
        self.poll(worker);
    }

    /// Ends a wait, and lets a call take effect that succeeds.
    pub(crate) fn serve(&mut self, worker: usize, at: Point, end: End) {
        let wait = self.open(worker)[&at];
        if end == End::Ok && self.world.lock().waits[&wait].is_unanswered() {
            self.world.lock().apply(wait);
        }
        self.end(wait, end);
    }

    /// Lets all waits of a worker succeed, and no timer fire while its handler runs.
    pub(crate) fn finish(&mut self, worker: usize) -> Ended {
        self.poll(worker);
        loop {
            if let Some(ended) = self.world.lock().workers[worker].ended {
                return ended;
            }
            let (at, _) = self.open(worker).pop_first().expect("it waits");
            self.serve(worker, at, End::Ok);
        }
    }

    pub(crate) fn jump(&mut self, to: impl FnOnce(Duration) -> Duration) {
        let world = &mut *self.world.lock();
        let now = to(world.store.clock.elapsed());
        world.store.clock.set(now);
        world.rules.time_is(now);
    }

    /// Nothing fails from here on: the next delivery is handled, or was.
    pub(crate) fn next(&mut self, delivery: &Delivery) -> Result<(), String> {
        let id = self.dedupe.delivery_id(delivery);
        for _ in 0..5 {
            let worker = self.deliver(delivery);
            match self.finish(worker) {
                Ended::Handled(OutcomeKind::Completed) => {
                    let again = self.deliver(delivery);
                    return match self.finish(again) {
                        Ended::Duplicate(_) => Ok(()),
                        ended => Err(format!("a repeat is a duplicate; {ended:?}")),
                    };
                }
                Ended::Duplicate(_) => {
                    let world = self.world.lock();
                    let handled = world.rules.completed(id, world.store.clock.elapsed());
                    return handled
                        .then_some(())
                        .ok_or("a duplicate was handled".to_owned());
                }
                Ended::Rejected(ErrorKind::Parked) => {
                    self.jump(|now| now + Duration::from_millis(1));
                    let released = self.release_parked(id);
                    assert_eq!(self.finish(released), Ended::ReleasedParked(true));
                }
                _ => self.jump(|now| now + LEASE),
            }
        }
        Err("the next delivery is handled".to_owned())
    }
}

fn process(world: &Shared, set: Set) -> Dedupe {
    let dedupe = Dedupe::builder(world.clone(), "test");
    set(dedupe.lease(LEASE).retention(RETENTION))
        .build()
        .unwrap()
}
