//! Every await point of core, and what may happen there.
//!
//! | an adapter waits | its work is then in |
//! |---|---|
//! | for the body | no row: nothing is claimed |
//! | before the first poll of its work | the first row |
//! | for the claim | the rows "claim" |
//! | for the inner service to be ready, and for its answer | the rows "run" |
//! | for the claim to be settled | the rows "settle" |
//! | for the task with its work, after the first poll | any row; a client that disconnects ends only this wait |
//!
//! Settling is a task of its own; nothing waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use nano_webhook_core::dedupe::{DedupeBuilder, OutcomeKind};

use crate::delivery;
use crate::processes::{Ended, Processes, Set};
use crate::setups::*;
use crate::world::End::{self, Failed, Ok};
use crate::world::Point::{self, Claim, Complete, Gap, Handler, Release, Renew, Timer};

struct Row {
    name: &'static str,
    set: Set,
    /// Begins the work of a worker.
    begin: fn(&mut Processes) -> usize,
    /// How its first waits end.
    then: &'static [(Point, End)],
    /// What it waits for then.
    at: &'static [Point],
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row { name: "claim, before its first poll", set: plain, begin: made, then: &[], at: &[] },
    Row { name: "claim: the claim", set: plain, begin: polled, then: &[], at: &[Claim] },
    Row { name: "claim: the release after an error", set: plain, begin: polled, then: &[(Claim, Failed)], at: &[Release] },
    Row { name: "claim: the pause before the next release", set: plain, begin: polled, then: &[(Claim, Failed), (Release, Failed)], at: &[Timer] },
    Row { name: "claim: the next release", set: plain, begin: polled, then: &[(Claim, Failed), (Release, Failed), (Timer, Ok)], at: &[Release] },
    Row { name: "claim: the claim of another body", set: DedupeBuilder::handle_differing, begin: differing, then: &[(Claim, Ok)], at: &[Claim] },
    Row { name: "claim: the renewal that parks", set: DedupeBuilder::park, begin: after_a_death, then: &[(Claim, Ok)], at: &[Renew] },
    Row { name: "claim: the renewal after a slow claim", set: shortest, begin: slow, then: &[], at: &[Renew] },
    Row { name: "claim: the release after a slow renewal", set: shortest, begin: slower, then: &[(Renew, Ok)], at: &[Release] },
    Row { name: "held, but not run", set: plain, begin: with_gaps, then: &[(Claim, Ok)], at: &[Gap] },
    Row { name: "run: without a claim", set: DedupeBuilder::fail_open, begin: polled, then: &[(Claim, Failed)], at: &[Handler] },
    Row { name: "run: the pause", set: plain, begin: polled, then: &[(Claim, Ok)], at: &[Handler, Timer] },
    Row { name: "run: the renewal", set: plain, begin: polled, then: &[(Claim, Ok), (Timer, Ok)], at: &[Renew, Handler, Timer] },
    Row { name: "run: the renewal of a lease that is over", set: plain, begin: polled, then: &[(Claim, Ok), (Timer, Ok), (Timer, Ok)], at: &[Renew, Handler] },
    Row { name: "run: the pause after an error", set: plain, begin: polled, then: &[(Claim, Ok), (Timer, Ok), (Renew, Failed)], at: &[Handler, Timer] },
    Row { name: "run: a lease that is lost", set: plain, begin: taken_over, then: &[(Timer, Ok), (Renew, Ok)], at: &[Handler] },
    Row { name: "run: a lease that is renewed no more", set: once, begin: polled, then: &[(Claim, Ok), (Timer, Ok)], at: &[Handler] },
    Row { name: "settle: the completion", set: plain, begin: polled, then: &[(Claim, Ok), (Handler, Ok)], at: &[Complete] },
    Row { name: "settle: the release", set: plain, begin: polled, then: &[(Claim, Ok), (Handler, Failed)], at: &[Release] },
    Row { name: "settling, before its first poll", set: plain, begin: with_gaps, then: &[(Claim, Ok), (Gap, Ok), (Handler, Ok), (Complete, Failed)], at: &[Gap] },
    Row { name: "settling: the pause", set: plain, begin: polled, then: &[(Claim, Ok), (Handler, Ok), (Complete, Failed)], at: &[Timer] },
    Row { name: "settling: the completion", set: plain, begin: polled, then: &[(Claim, Ok), (Handler, Ok), (Complete, Failed), (Timer, Ok)], at: &[Complete] },
    Row { name: "settling: the release", set: plain, begin: polled, then: &[(Claim, Ok), (Handler, Failed), (Release, Failed), (Timer, Ok)], at: &[Release] },
    Row { name: "release_parked: the claim", set: DedupeBuilder::park, begin: releasing, then: &[], at: &[Claim] },
    Row { name: "release_parked: the release", set: DedupeBuilder::park, begin: releasing, then: &[(Claim, Ok)], at: &[Release] },
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Injected {
    /// The future is dropped, as of a task that is aborted.
    Cancelled,
    /// Every future is dropped. Only the store remains.
    ProcessDied,
    Panicked(Point),
}

/// At each point a delivery is neither lost nor completed without a success, what
/// is in flight ends, and other deliveries are answered as before.
#[test]
fn nothing_that_ends_a_wait_loses_a_delivery() {
    let mut cases = 0;
    for row in ROWS {
        let panics = row.at.iter().map(|point| Injected::Panicked(*point));
        for injected in [Injected::Cancelled, Injected::ProcessDied]
            .into_iter()
            .chain(panics)
        {
            // A call of the store that waits has taken effect, or has not.
            for applied in [false, true] {
                cases += usize::from(holds(row, injected, applied));
            }
        }
    }
    println!("{} await points, {cases} cases", ROWS.len());
}

/// False if no call waits that could have taken effect.
fn holds(row: &Row, injected: Injected, applied: bool) -> bool {
    let what = format!("{}, {injected:?}, applied: {applied}", row.name);
    let mut p = Processes::new(row.set);
    let other = p.deliver(&delivery("other"));
    p.poll(other);
    p.serve(other, Claim, Ok);

    let worker = (row.begin)(&mut p);
    for (at, end) in row.then {
        p.serve(worker, *at, *end);
    }
    let open = p.open(worker);
    assert!(open.keys().eq(row.at), "{what}: {open:?}");
    if applied {
        let Some((_, call)) = open.first_key_value().filter(|(at, _)| **at <= Release) else {
            return false;
        };
        p.world.lock().apply(*call);
    }

    let (dedupe, woken) = (p.dedupe.clone(), Arc::new(Woken::default()));
    let waker = Waker::from(Arc::clone(&woken));
    let mut drained = Box::pin(dedupe.drained());
    let mut is_drained = || {
        drained
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready()
    };
    assert!(!is_drained());
    match injected {
        Injected::Cancelled => p.cut(worker),
        Injected::ProcessDied => p.die(row.set),
        Injected::Panicked(at) => p.end(open[&at], End::Panic),
    }
    for worker in 0..p.len() {
        let ended = p.finish(worker);
        if worker == other && injected != Injected::ProcessDied {
            assert_eq!(ended, Ended::Handled(OutcomeKind::Completed), "{what}");
        }
    }
    assert!(woken.0.load(Ordering::Relaxed) && is_drained(), "{what}");
    assert_eq!((dedupe.in_flight(), p.dedupe.in_flight()), (0, 0), "{what}");
    for task in ["task", "other"] {
        p.next(&delivery(task))
            .unwrap_or_else(|rule| panic!("{what}: {rule}"));
    }
    assert_eq!(p.world.lock().rules.violation, None, "{what}");
    true
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
