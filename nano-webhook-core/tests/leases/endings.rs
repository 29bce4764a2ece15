//! How a claim ends: which calls the store gets, in which order, and what the adapter
//! and the handler are told.

use futures_util::FutureExt as _;
use nano_webhook_core::ErrorKind::{InProgress, Parked, StoreUnavailable};
use nano_webhook_core::dedupe::DedupeBuilder;
use nano_webhook_core::dedupe::OutcomeKind::*;

use crate::processes::Ended::{self, Duplicate as Repeat, Handled, Rejected};
use crate::processes::{Processes, Set};
use crate::setups::*;
use crate::world::End::{self, Failed, Ok, Panic};
use crate::world::Point::{self, Claim, Complete, Handler, Release, Renew, Timer};

/// Settings, how the work begins, how each of its waits ends, and how it ends itself.
type Row = (
    Set,
    fn(&mut Processes) -> usize,
    &'static [(Point, End)],
    Ended,
);

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

    (plain, differing, &[(Claim, Ok)], Repeat(DifferingDuplicate)),
    (plain, late, &[(Claim, Ok)], Rejected(InProgress)),
    (DedupeBuilder::park, after_a_death, &[(Claim, Ok), (Renew, Ok)], Rejected(Parked)),
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

/// The handler is told that its lease is lost, and runs on: another owner has it, or the
/// store fails, says nothing, or panics, or it is renewed no more.
#[rustfmt::skip]
const LOST: &[Row] = &[
    (plain, taken_over, &[(Timer, Ok), (Renew, Ok), (Handler, Ok), (Complete, Ok)], Handled(LeaseLost)),
    (shortest, aged, &[(Timer, Ok), (Renew, Failed), (Handler, Ok), (Complete, Ok)], Handled(Completed)),
    (plain, handled, &[(Timer, Ok), (Timer, Ok), (Handler, Ok), (Complete, Ok)], Handled(Completed)),
    (shortest, aged, &[(Timer, Ok), (Renew, Panic), (Handler, Ok), (Complete, Ok)], Handled(Completed)),
    (once, handled, &[(Timer, Ok), (Handler, Ok), (Complete, Ok)], Handled(Completed)),
];

#[test]
fn a_claim_ends_as_its_calls_do() {
    for (rows, lost) in [(ROWS, false), (LOST, true)] {
        for (set, begin, then, ended) in rows {
            let mut p = Processes::new(*set);
            let worker = begin(&mut p);
            for (at, end) in *then {
                let open = p.open(worker);
                assert!(open.contains_key(at), "{then:?}: {at:?} is not in {open:?}");
                p.serve(worker, *at, *end);
            }
            let worker = p.world.lock().workers[worker].clone();
            assert_eq!(worker.ended, Some(*ended), "{then:?}");
            let told =
                (worker.lease).is_some_and(|lease| lease.cancelled().now_or_never().is_some());
            assert_eq!(told, lost, "{then:?}");
        }
    }
}
