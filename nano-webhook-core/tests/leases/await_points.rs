//! Every await point of core, and what may happen there.
//!
//! | the adapters wait | their work is then in |
//! |---|---|
//! | for the body | no row: nothing is claimed |
//! | in `handle_once`, before its first poll | the first row |
//! | for the claim | the rows that begin with "claim" |
//! | for the inner service to be ready, or for its answer | the rows that begin with "run" |
//! | for the claim to be settled | the rows that begin with "settle" |
//! | for the task that they spawned | any row; a client that disconnects cancels only this wait |
//! | for nothing: the settling is a task of its own | the rows that begin with "settling" |

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use nano_webhook_core::dedupe::{DedupeBuilder, OutcomeKind};

use crate::processes::{LEASE, Processes};
use crate::world::{End, Ended, Point};
use crate::{delivery, delivery_with};

type Set = fn(DedupeBuilder) -> DedupeBuilder;
/// Brings a worker to an await point.
type Reach = fn(&mut Processes) -> usize;

const PLAIN: Set = |dedupe| dedupe;
const SHORTEST: Duration = Duration::from_millis(100);

#[rustfmt::skip]
const POINTS: &[(&str, Set, Reach, &[Point])] = {
    use Point::{Claim, Complete, Gap, Handler, Release, Renew, Timer};
    &[
        ("claim, before its first poll", PLAIN, made, &[]),
        ("claim: the claim", PLAIN, begun, &[Claim]),
        ("claim: the release after an error", PLAIN, |p| after(p, begun, Claim, End::Failed), &[Release]),
        ("claim: the claim of a differing body", DedupeBuilder::handle_differing, |p| {
            let first = p.deliver(&delivery_with("task", "another body"));
            p.finish(first);
            after(p, begun, Claim, End::Ok)
        }, &[Claim]),
        ("claim: the renewal that parks", DedupeBuilder::park, |p| {
            died(p);
            after(p, begun, Claim, End::Ok)
        }, &[Renew]),
        ("claim: the renewal of a slow claim", |dedupe| dedupe.lease(SHORTEST), slow, &[Renew]),
        ("claim: the release of a slow renewal", |dedupe| dedupe.lease(SHORTEST), |p| {
            let worker = slow(p);
            thread::sleep(SHORTEST);
            p.serve(worker, Renew);
            worker
        }, &[Release]),
        ("held, not run", PLAIN, |p| {
            p.world.lock().gaps = true;
            after(p, begun, Claim, End::Ok)
        }, &[Gap]),
        ("run: without a claim", DedupeBuilder::fail_open, |p| after(p, begun, Claim, End::Failed), &[Handler]),
        ("run: the pause", PLAIN, handling, &[Handler, Timer]),
        ("run: the renewal", PLAIN, renewing, &[Handler, Renew, Timer]),
        ("run: the renewal of a lease that is over", PLAIN, |p| after(p, renewing, Timer, End::Ok), &[Handler, Renew]),
        ("run: the pause after an error", PLAIN, |p| after(p, renewing, Renew, End::Failed), &[Handler, Timer]),
        ("run: a lost lease", PLAIN, |p| {
            let worker = handling(p);
            p.jump(|now| now + LEASE);
            handling(p);
            p.serve(worker, Timer);
            p.serve(worker, Renew);
            worker
        }, &[Handler]),
        ("run: a lease that is renewed no more", |dedupe| dedupe.renew_for(Duration::ZERO),
            |p| after(p, handling, Timer, End::Ok), &[Handler]),
        ("settle: the completion", PLAIN, |p| after(p, handling, Handler, End::Ok), &[Complete]),
        ("settle: the release", PLAIN, |p| after(p, handling, Handler, End::Failed), &[Release]),
        ("settling, before its first poll", PLAIN, |p| {
            let worker = after(p, handling, Handler, End::Ok);
            p.world.lock().gaps = true;
            fail(p, worker, Complete)
        }, &[Gap]),
        ("settling: the pause", PLAIN, settling, &[Timer]),
        ("settling: the completion", PLAIN, |p| after(p, settling, Timer, End::Ok), &[Complete]),
        ("settling: the release", PLAIN, |p| {
            let worker = after(p, handling, Handler, End::Failed);
            fail(p, worker, Release);
            p.serve(worker, Timer);
            worker
        }, &[Release]),
        ("release_parked: the claim", DedupeBuilder::park, releasing, &[Claim]),
        ("release_parked: the release", DedupeBuilder::park, |p| after(p, releasing, Claim, End::Ok), &[Release]),
    ]
};

fn made(p: &mut Processes) -> usize {
    p.deliver(&delivery("task"))
}

fn begun(p: &mut Processes) -> usize {
    let worker = made(p);
    p.poll(worker);
    worker
}

fn handling(p: &mut Processes) -> usize {
    after(p, begun, Point::Claim, End::Ok)
}

fn renewing(p: &mut Processes) -> usize {
    after(p, handling, Point::Timer, End::Ok)
}

fn settling(p: &mut Processes) -> usize {
    let worker = after(p, handling, Point::Handler, End::Ok);
    fail(p, worker, Point::Complete)
}

fn died(p: &mut Processes) {
    let worker = handling(p);
    p.cut(worker);
    p.jump(|now| now + LEASE);
}

fn slow(p: &mut Processes) -> usize {
    let worker = begun(p);
    thread::sleep(SHORTEST);
    p.serve(worker, Point::Claim);
    worker
}

fn releasing(p: &mut Processes) -> usize {
    died(p);
    let worker = p.release_parked(p.dedupe.delivery_id(&delivery("task")));
    p.poll(worker);
    worker
}

fn after(p: &mut Processes, reach: Reach, at: Point, end: End) -> usize {
    let worker = reach(p);
    match end {
        End::Ok => p.serve(worker, at),
        end => p.end(p.find(worker, at), end),
    }
    worker
}

fn fail(p: &mut Processes, worker: usize, at: Point) -> usize {
    p.end(p.find(worker, at), End::Failed);
    worker
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Injected {
    /// The future is dropped: a task that is aborted.
    Cancelled,
    /// Every future is dropped, and only the store remains.
    ProcessDied,
    Panicked(Point),
}

/// A delivery is never lost, never completed without a success, what is in flight
/// ends, and others do not notice.
#[test]
fn nothing_that_ends_a_wait_loses_a_delivery() {
    let mut cases = 0;
    for (name, set, reach, points) in POINTS {
        let ends = [Injected::Cancelled, Injected::ProcessDied];
        let panics = points.iter().map(|point| Injected::Panicked(*point));
        for injected in ends.into_iter().chain(panics) {
            // With a call of the store that took effect, and one that did not.
            for applied in [false, true] {
                cases += usize::from(case(name, *set, *reach, points, injected, applied));
            }
        }
    }
    println!("{} await points, {cases} cases", POINTS.len());
}

fn case(
    name: &str,
    set: Set,
    reach: Reach,
    points: &[Point],
    injected: Injected,
    applied: bool,
) -> bool {
    let what = format!("{name}, {injected:?}, applied: {applied}");
    let mut p = Processes::new(set, None);
    let other = p.deliver(&delivery("other"));
    p.poll(other);
    p.serve(other, Point::Claim);

    let worker = reach(&mut p);
    let mut open = p.open(worker);
    open.sort_by_key(|(_, at)| format!("{at:?}"));
    assert!(open.iter().map(|(_, at)| at).eq(points), "{what}: {open:?}");
    if applied {
        let unanswered = |wait: &usize| p.world.lock().waits[wait].is_unanswered();
        let Some(call) = open.iter().map(|(wait, _)| *wait).find(unanswered) else {
            return false;
        };
        p.world.lock().apply(call);
    }

    let (dedupe, woken) = (p.dedupe.clone(), Arc::new(Woken::default()));
    let waker = Waker::from(Arc::clone(&woken));
    let mut drained = Box::pin(dedupe.drained());
    let mut is_drained = || drained.as_mut().poll(&mut Context::from_waker(&waker));
    assert_eq!(is_drained(), Poll::Pending);
    match injected {
        Injected::Cancelled => p.cut(worker),
        Injected::ProcessDied => p.die(set),
        Injected::Panicked(at) => p.end(p.find(worker, at), End::Panic),
    }
    for worker in 0..p.len() {
        let ended = p.finish(worker);
        if worker == other && injected != Injected::ProcessDied {
            assert_eq!(ended, Ended::Handled(OutcomeKind::Completed), "{what}");
        }
    }
    assert!(woken.0.load(Ordering::Relaxed), "{what}");
    assert_eq!(is_drained(), Poll::Ready(()), "{what}");
    assert_eq!((dedupe.in_flight(), p.dedupe.in_flight()), (0, 0), "{what}");
    for task in ["task", "other"] {
        p.next(&delivery(task))
            .unwrap_or_else(|rule| panic!("{what}: {rule}"));
    }
    let world = p.world.lock();
    assert_eq!(world.rules.violation, None, "{what}");
    true
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
