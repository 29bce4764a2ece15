//! What a claim promises apart from its end, which `leases/endings.rs` has.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::error::Error as _;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use nano_webhook_core::adapter::Claimed;
use nano_webhook_core::dedupe::{Dedupe, DedupeBuilder, OutcomeKind, OwnerToken};
use nano_webhook_core::{
    ConfigError, Delivery, ErrorKind, MatchedSecret, Secret, UnixTime, Verifier,
};
use nano_webhook_test_kit::{StoreCall, TestStore};
use tokio::time::sleep;

fn delivery() -> Delivery {
    let body = r#"{"event":"job.failed","task_id":"task"}"#;
    Delivery::assume_verified(body, UnixTime::from_secs(0), MatchedSecret::Current).unwrap()
}

fn dedupe(store: &TestStore) -> DedupeBuilder {
    Dedupe::builder(store.clone(), "test")
}

#[tokio::test]
async fn a_panic_releases_the_claim() {
    for handler_panics in [true, false] {
        let store = TestStore::new();
        let dedupe = dedupe(&store).build().unwrap();
        let Claimed::Held(claim) = dedupe.claim(&delivery(), sleep).await else {
            panic!("not claimed")
        };
        let handler = async { assert!(!handler_panics, "told so") };
        // What a user's error type says about its status is the user's code too.
        let handled = claim.run(handler, |()| panic!("told so")).await;
        let error = handled.output.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HandlerFailed);
        assert_eq!(error.source().unwrap().to_string(), "it panicked");
        assert_eq!(handled.outcome.kind(), OutcomeKind::Released);
        assert_eq!(store.asked(StoreCall::Release), 1);
    }
}

#[tokio::test]
async fn nothing_is_claimed_where_the_runtime_has_no_timer() {
    let store = TestStore::new();
    let no_timer = |_| -> std::future::Ready<()> { panic!("no timer") };
    let dedupe = dedupe(&store).build().unwrap();
    let claim = dedupe.claim(&delivery(), no_timer);
    assert!(AssertUnwindSafe(claim).catch_unwind().await.is_err());
    assert_eq!(store.calls(), 0);
}

/// Two renewals may fail before the lease is over.
#[tokio::test]
async fn a_lease_is_renewed_after_a_third_of_it_and_soon_after_a_failure() {
    const LEASE: Duration = Duration::from_secs(600);
    let store = TestStore::new();
    let (asked, mut waits) = tokio::sync::mpsc::unbounded_channel();
    let sleep = move |wait| {
        asked.send(wait).unwrap();
        tokio::task::yield_now()
    };
    let dedupe = dedupe(&store).lease(LEASE).build().unwrap();
    let Claimed::Held(claim) = dedupe.claim(&delivery(), sleep).await else {
        panic!("not claimed")
    };
    let handler = async {
        store.until_answered(StoreCall::Renew, 2).await.unwrap();
        store.fail(&[StoreCall::Renew]);
        store.until_answered(StoreCall::Renew, 4).await.unwrap();
    };
    let handled = claim.run(handler, |()| true).await;
    assert_eq!(handled.outcome.kind(), OutcomeKind::Completed);
    waits.close();
    let mut pauses = Vec::new();
    while let Some(wait) = waits.recv().await {
        // The others are as long as the lease, less what has passed of it.
        if wait <= LEASE / 2 {
            pauses.push(wait);
        }
    }
    let [third, tenth] = [LEASE / 3, LEASE / 10];
    assert!(
        pauses.starts_with(&[third, third, third, tenth]),
        "{pauses:?}"
    );
}

#[tokio::test]
async fn a_handler_is_woken_when_its_lease_is_lost() {
    const LEASE: Duration = Duration::from_secs(600);
    let store = TestStore::new();
    let dedupe = dedupe(&store).lease(LEASE).build().unwrap();
    let soon = |_| tokio::task::yield_now();
    let Claimed::Held(claim) = dedupe.claim(&delivery(), soon).await else {
        panic!("not claimed")
    };
    store.advance(LEASE);
    let Claimed::Held(_other) = dedupe.claim(&delivery(), soon).await else {
        panic!("not taken over")
    };
    let lease = claim.lease().unwrap();
    tokio::select! {
        // First, because its end polls the other, woken or not.
        biased;
        () = sleep(Duration::from_secs(60)) => panic!("not woken"),
        handled = claim.run(lease.cancelled(), |()| true) => {
            assert_eq!(handled.outcome.kind(), OutcomeKind::LeaseLost);
        }
    }
}

/// Another process has other bits in both halves: each is random, and changes.
#[test]
fn owner_tokens_are_random_and_differ() {
    let mut tokens: Vec<_> = (0..100)
        .map(|_| *OwnerToken::random().unwrap().as_bytes())
        .collect();
    let is_random = |half: &[u8]| half[..4] != [0; 4];
    assert!(
        tokens
            .iter()
            .all(|token| is_random(&token[..8]) && is_random(&token[8..]))
    );
    assert_ne!(tokens[0][..8], tokens[99][..8]);
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), 100);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let store = TestStore::new();
    let eleven_years = Duration::from_secs(11 * 366 * 24 * 3600);
    assert!(matches!(
        Dedupe::builder(store.clone(), "").build(),
        Err(ConfigError::EmptyNamespace)
    ));
    assert!(matches!(
        dedupe(&store).lease(Duration::from_millis(99)).build(),
        Err(ConfigError::TooShort { .. })
    ));
    assert!(matches!(
        dedupe(&store).retention(eleven_years).build(),
        Err(ConfigError::TooLarge { .. })
    ));
}

/// A captured head can be sent at the end of the tolerance, and its body as late
/// as the verifier allows.
#[test]
fn a_completion_outlives_every_replay() {
    let secret = Secret::new("0123456789abcdef").unwrap();
    let verifier = Verifier::builder(secret)
        .tolerance(Duration::from_secs(300))
        .body_timeout(Duration::from_secs(900))
        .build()
        .unwrap();
    let covering = |retention| {
        let dedupe = dedupe(&TestStore::new()).retention(retention).build();
        format!("{:?}", dedupe.unwrap().covering(&verifier))
    };
    assert!(covering(Duration::from_secs(1)).contains("retention: 1560s"));
    assert!(covering(Duration::from_secs(7200)).contains("retention: 7200s"));
}
