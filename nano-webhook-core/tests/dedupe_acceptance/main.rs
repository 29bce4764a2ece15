//! The acceptance suite accepts a right store, and finds out each wrong one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faulty;

use std::time::Duration;

use faulty::{Fault, FaultyStore};
use futures_util::FutureExt as _;
use nano_webhook_core::dedupe::ManualClock;
use nano_webhook_core::dedupe::acceptance::{Acceptance, Step, Violation};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const UNIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_right_store_is_accepted() {
    run(None).await.unwrap();
}

/// Which case is the first to find which fault.
#[tokio::test]
async fn each_fault_is_found() {
    let mut wrong = Vec::new();
    for (fault, case) in FOUND_BY {
        match run(Some(*fault)).await {
            Ok(()) => wrong.push(format!("{fault:?} was not found")),
            Err(found) if found.case() == *case => {}
            Err(found) => wrong.push(format!("{fault:?} was found by another case: {found}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for fault in Fault::ALL {
        assert!(
            FOUND_BY.iter().any(|(found, _)| found == fault),
            "{fault:?} is not in the list"
        );
    }
}

#[rustfmt::skip]
const FOUND_BY: &[(Fault, &str)] = &[
    (Fault::AnybodyReleases, "another cannot release"),
    (Fault::AnybodyCompletes, "another cannot complete"),
    (Fault::AnybodyRenews, "another cannot renew"),
    (Fault::AnybodyCompletesAgain, "another cannot complete what is completed"),
    (Fault::AttemptStays, "what was released can be claimed, the attempt grows"),
    (Fault::AttemptStaysAfterExpiry, "another's claim does not prolong a lease"),
    (Fault::AttemptGrowsWithRepetition, "a repeated claim has the same attempt"),
    (Fault::LateHolderRenews, "a lease that ran out cannot be renewed"),
    (Fault::LateHolderCompletes, "a lease that ran out cannot be completed"),
    (Fault::LateHolderReleases, "a lease that ran out cannot be released"),
    (Fault::LeaseNeverEnds, "another's claim does not prolong a lease"),
    (Fault::ClaimByOthersProlongs, "another's claim does not prolong a lease"),
    (Fault::RepeatedClaimRefused, "a repeated claim has the same attempt"),
    (Fault::RepeatedClaimDoesNotProlong, "a repeated claim lasts from then on"),
    (Fault::RepeatedCompletionLost, "a repeated completion answers the same"),
    (Fault::RepeatedCompletionProlongs, "a repeated completion does not prolong the memory"),
    (Fault::RenewalDoesNotProlong, "a renewal lasts from then on"),
    (Fault::RenewalOnOldTerms, "a renewal's own terms hold"),
    (Fault::CompletionRenewable, "what is completed cannot be renewed"),
    (Fault::CompletionReleasable, "what is completed cannot be released"),
    (Fault::CompletionNotKept, "the holder completes"),
    (Fault::CompletionKeptForLeaseOnly, "a completion is remembered for the retention, and no longer"),
    (Fault::CompletionNeverForgotten, "a completion is remembered for the retention, and no longer"),
    (Fault::RetentionFromClaim, "the retention begins with the completion"),
    (Fault::ReleaseForgetsAttempt, "what was released can be claimed, the attempt grows"),
    (Fault::AttemptForgottenWithLease, "another's claim does not prolong a lease"),
    (Fault::AttemptNeverForgotten, "attempts are forgotten after a release"),
    (Fault::WholeLeaseRemains, "a repeated claim lasts from then on"),
    (Fault::OneLeaseForAll, "each delivery has its own lease"),
    (Fault::ReadThenWrite, "contention"),
    (Fault::DropsTheOldest, "crowding"),
];

/// The random driver finds them too, but for those that only show under
/// concurrency, in a crowd, or after a wait that random steps rarely make.
#[test]
fn the_model_finds_faults() {
    let beyond_it = [Fault::ReadThenWrite, Fault::DropsTheOldest];
    for fault in Fault::ALL.iter().filter(|fault| !beyond_it.contains(fault)) {
        let found = TestRunner::new(Config {
            cases: 5_000,
            failure_persistence: None,
            max_shrink_iters: 0,
            ..Config::default()
        })
        .run(&steps(), |steps| {
            compare(Some(*fault), &steps).map_err(|violation| fail(&violation))
        });
        assert!(found.is_err(), "{fault:?} was not found");
    }
}

proptest! {
    #![proptest_config(Config { cases: 500, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_model_accepts_a_right_store(steps in steps()) {
        compare(None, &steps).map_err(|violation| fail(&violation))?;
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(any::<[u8; 4]>().prop_map(Step::from_bytes), 1..80)
}

fn fail(violation: &Violation) -> TestCaseError {
    TestCaseError::fail(violation.to_string())
}

async fn run(fault: Option<Fault>) -> Result<(), Violation> {
    let clock = ManualClock::default();
    let store = FaultyStore::new(&clock, fault);
    acceptance(&store, &clock).all().await
}

fn compare(fault: Option<Fault>, steps: &[Step]) -> Result<(), Violation> {
    let clock = ManualClock::default();
    let store = FaultyStore::new(&clock, fault);
    acceptance(&store, &clock)
        .steps(steps)
        .now_or_never()
        .expect("the clock is manual")
}

fn acceptance<'a>(
    store: &'a FaultyStore,
    clock: &'a ManualClock,
) -> Acceptance<'a, FaultyStore, impl Fn(Duration) -> std::future::Ready<()>> {
    Acceptance::new(store, UNIT, |time| {
        clock.advance(time);
        std::future::ready(())
    })
}
