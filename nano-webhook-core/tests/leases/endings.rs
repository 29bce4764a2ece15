//! How a claim ends: which calls the store gets, in which order, and what the adapter
//! and the handler are told. The waits of these rows are all await points of core:
//!
//! | an adapter waits | its work is then in |
//! |---|---|
//! | for the body | no row: nothing is claimed |
//! | before the first poll of its work | a row that begins with a gap |
//! | for the claim | a row up to its handler |
//! | for the inner service to be ready, and for its answer | a row whose handler runs |
//! | for the claim to be settled | a row after its handler |
//! | for the task with its work, after the first poll | any row; a client that disconnects ends only this wait |
//!
//! Settling is a task of its own; nothing waits for it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use futures_util::FutureExt as _;
use nano_webhook_core::ErrorKind::{InProgress, Parked, StoreUnavailable};
use nano_webhook_core::dedupe::DedupeBuilder;
use nano_webhook_core::dedupe::OutcomeKind::*;

use crate::delivery;
use crate::processes::Ended::{self, Duplicate as Repeat, Handled, Rejected, ReleasedParked};
use crate::processes::{Processes, Set};
use crate::setups::*;
use crate::world::End::{self, Failed, Ok, Panic};
use crate::world::Point::{self, Claim, Complete, Gap, Handler, Release, Renew, Timer};

/// Settings, how the work begins, how each of its waits ends, and how it ends itself.
type Row = (Set, Begin, &'static [(Point, End)], Ended);
type Begin = fn(&mut Processes) -> usize;

#[rustfmt::skip]
const ROWS: &[Row] = &[
    (plain, handled, &[(Handler, Ok), (Complete, Ok)], Handled(Completed)),
    (plain, handled, &[(Handler, Failed), (Release, Ok)], Handled(Released)),
    (plain, handled, &[(Handler, Panic), (Release, Ok)], Handled(Released)),
    (plain, handled, &[(Timer, Ok), (Renew, Ok), (Handler, Ok), (Complete, Ok)], Handled(Completed)),
    (plain, handled, &[(Timer, Ok), (Renew, Failed), (Handler, Ok), (Complete, Ok)], Handled(Completed)),
    (plain, taken_over, &[(Handler, Ok), (Complete, Ok)], Handled(LeaseLost)),
    (plain, taken_over, &[(Handler, Failed), (Release, Ok)], Handled(LeaseLost)),
    // It is settled in the background until the store answers.
    (plain, handled, &[(Handler, Ok), (Complete, Failed), (Timer, Ok), (Complete, Failed), (Timer, Ok), (Complete, Ok)], Handled(Unsettled)),
    (plain, handled, &[(Handler, Ok), (Complete, Panic), (Timer, Ok), (Complete, Ok)], Handled(Unsettled)),
    (plain, handled, &[(Handler, Failed), (Release, Failed), (Timer, Ok), (Release, Ok)], Handled(Unsettled)),
    (plain, taken_over, &[(Handler, Failed), (Release, Failed), (Timer, Ok), (Release, Ok)], Handled(Unsettled)),
    (plain, with_gaps, &[(Gap, Ok), (Claim, Ok), (Gap, Ok), (Handler, Ok), (Complete, Failed), (Gap, Ok), (Timer, Ok), (Complete, Ok)], Handled(Unsettled)),

    (plain, differing, &[(Claim, Ok)], Repeat(DifferingDuplicate)),
    (DedupeBuilder::handle_differing, differing, &[(Claim, Ok), (Claim, Ok), (Handler, Ok), (Complete, Ok)], Handled(Completed)),
    (plain, late, &[(Claim, Ok)], Rejected(InProgress)),
    (DedupeBuilder::park, after_a_death, &[(Claim, Ok), (Renew, Ok)], Rejected(Parked)),
    (DedupeBuilder::park, releasing, &[(Claim, Ok), (Release, Ok)], ReleasedParked(true)),
    // The claim may have taken effect. If it is not released, it looks like one whose
    // handler died, and is parked.
    (plain, polled, &[(Claim, Failed), (Release, Ok)], Rejected(StoreUnavailable)),
    (plain, polled, &[(Claim, Failed), (Release, Failed), (Timer, Ok), (Release, Failed), (Timer, Ok), (Release, Ok)], Rejected(StoreUnavailable)),
    (DedupeBuilder::fail_open, polled, &[(Claim, Failed), (Handler, Failed)], Handled(Unguarded)),
    // No handler starts on a lease that is over.
    (shortest, slow, &[(Renew, Ok), (Handler, Ok), (Complete, Ok)], Handled(Completed)),
    (shortest, slow, &[(Renew, Failed)], Rejected(StoreUnavailable)),
    (shortest, slow_and_taken_over, &[(Renew, Ok)], Rejected(InProgress)),
    (shortest, slower, &[(Renew, Ok), (Release, Ok)], Rejected(StoreUnavailable)),
];

/// The handler is told that its lease is lost, and runs on: another owner has it, or it is
/// renewed no more.
#[rustfmt::skip]
const LOST: &[Row] = &[
    (plain, taken_over, &[(Timer, Ok), (Renew, Ok), (Handler, Ok), (Complete, Ok)], Handled(LeaseLost)),
    (once, handled, &[(Timer, Ok), (Handler, Ok), (Complete, Ok)], Handled(Completed)),
];

/// The same where the store says nothing, fails or panics until the lease is over.
#[rustfmt::skip]
const NOT_KNOWN_TO_BE_HELD: &[Row] = &[
    (plain, handled, &[(Timer, Ok), (Timer, Ok), (Handler, Ok), (Complete, Ok)], Handled(Completed)),
    (shortest, aged, &[(Timer, Ok), (Renew, Failed), (Handler, Ok), (Complete, Ok)], Handled(Completed)),
    (shortest, aged, &[(Timer, Ok), (Renew, Panic), (Handler, Ok), (Complete, Ok)], Handled(Completed)),
];

#[test]
fn a_claim_ends_as_its_calls_do() {
    for (rows, told, renews) in [
        (ROWS, false, true),
        (LOST, true, false),
        (NOT_KNOWN_TO_BE_HELD, true, true),
    ] {
        for (set, begin, waits, ended) in rows {
            let mut p = Processes::new(*set);
            let worker = begin(&mut p);
            for (at, end) in *waits {
                let open = p.open(worker);
                let due = open.contains_key(at) && (renews || *at != Handler || open.len() == 1);
                assert!(due, "{waits:?}: {at:?}, {open:?}");
                p.serve(worker, *at, *end);
            }
            let worker = p.world.lock().workers[worker].clone();
            assert_eq!(worker.ended, Some(*ended), "{waits:?}");
            let lost = (worker.lease).and_then(|lease| lease.cancelled().now_or_never());
            assert_eq!(lost.is_some(), told, "{waits:?}");
        }
    }
}

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
    let timeless = &NOT_KNOWN_TO_BE_HELD[..1];
    let (mut points, mut cases) = (HashSet::new(), 0);
    for (set, begin, waits, _) in ROWS.iter().chain(LOST).chain(timeless) {
        for served in (0..waits.len()).map(|number| &waits[..number]) {
            if !points.insert((*set as usize, *begin as usize, served)) {
                continue;
            }
            let row = (*set, *begin, served);
            let (p, _, worker) = begun(row);
            let open: Vec<Point> = p.open(worker).into_keys().collect();
            let panics = open.iter().map(|point| Injected::Panicked(*point));
            for injected in [Injected::Cancelled, Injected::ProcessDied]
                .into_iter()
                .chain(panics)
            {
                // A call of the store that waits has taken effect, or has not.
                for applied in [false, true] {
                    if !applied || open[0] <= Release {
                        holds(row, injected, applied);
                        cases += 1;
                    }
                }
            }
        }
    }
    println!("{} await points, {cases} cases", points.len());
}

type Waiting = (Set, Begin, &'static [(Point, End)]);

/// Two workers, on another delivery and on that of the row.
fn begun((set, begin, served): Waiting) -> (Processes, usize, usize) {
    let mut p = Processes::new(set);
    let other = p.deliver(&delivery("other"));
    p.poll(other);
    p.serve(other, Claim, Ok);
    let worker = begin(&mut p);
    for (at, end) in served {
        p.serve(worker, *at, *end);
    }
    (p, other, worker)
}

fn holds(row: Waiting, injected: Injected, applied: bool) {
    let (set, _, served) = row;
    let what = format!("after {served:?}: {injected:?}, applied: {applied}");
    let (mut p, other, worker) = begun(row);
    let open = p.open(worker);
    if applied {
        p.world.lock().apply(open[open.keys().next().unwrap()]);
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
        Injected::ProcessDied => p.die(set),
        Injected::Panicked(at) => p.end(open[&at], End::Panic),
    }
    for worker in 0..p.len() {
        let ended = p.finish(worker);
        if worker == other && injected != Injected::ProcessDied {
            assert_eq!(ended, Handled(Completed), "{what}");
        }
    }
    assert!(woken.0.load(Ordering::Relaxed) && is_drained(), "{what}");
    assert_eq!((dedupe.in_flight(), p.dedupe.in_flight()), (0, 0), "{what}");
    for task in ["task", "other"] {
        p.next(&delivery(task))
            .unwrap_or_else(|rule| panic!("{what}: {rule}"));
    }
    assert_eq!(p.world.lock().rules.violation, None, "{what}");
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
