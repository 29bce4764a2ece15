//! The life of a claim around a handler, with a store that answers as it is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::VecDeque;
use std::error::Error as _;
use std::future::{Future, pending};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use nano_webhook_core::adapter::{Claimed, Handled};
use nano_webhook_core::dedupe::{
    BodyDigest, Claim, Dedupe, DedupeBuilder, DedupeStore, DeliveryId, LeaseHandle, OutcomeKind,
    OwnerToken, Ownership, StoreError, StoreFuture, Terms,
};
use nano_webhook_core::{
    ConfigError, Delivery, ErrorKind, MatchedSecret, Secret, UnixTime, Verifier,
};
use tokio::time::{sleep, timeout};

/// The answer to a call; the last of a list is repeated.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Held,
    Lost,
    Broken,
    Never,
    Panics,
}

#[derive(Clone)]
struct Script {
    claim: Result<Claim, ()>,
    /// How long the claim takes.
    slow: Duration,
    renew: Answer,
    settle: Arc<Mutex<VecDeque<Answer>>>,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

const ACQUIRED: Claim = Claim::Acquired {
    attempt: 7,
    taken_over: false,
};

impl Script {
    fn new(settle: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            claim: Ok(ACQUIRED),
            slow: Duration::ZERO,
            renew: Answer::Held,
            settle: Arc::new(Mutex::new(settle.into_iter().collect())),
            calls: Arc::default(),
        }
    }

    fn calls(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap().clone()
    }

    fn answer(&self, call: &'static str, answer: Answer) -> StoreFuture<'_, Ownership> {
        Box::pin(async move {
            self.calls.lock().unwrap().push(call);
            match answer {
                Answer::Held => Ok(Ownership::Held),
                Answer::Lost => Ok(Ownership::Lost),
                Answer::Broken => Err(StoreError::new("broken")),
                Answer::Never => pending().await,
                Answer::Panics => panic!("told so"),
            }
        })
    }

    fn settled(&self) -> Answer {
        let mut answers = self.settle.lock().unwrap();
        match answers.len() {
            0 => Answer::Held,
            1 => *answers.front().unwrap(),
            _ => answers.pop_front().unwrap(),
        }
    }
}

impl DedupeStore for Script {
    fn claim(
        &self,
        _: DeliveryId,
        _: BodyDigest,
        _: OwnerToken,
        _: Terms,
    ) -> StoreFuture<'_, Claim> {
        Box::pin(async {
            self.calls.lock().unwrap().push("claim");
            if !self.slow.is_zero() {
                sleep(self.slow).await;
            }
            self.claim.map_err(|()| StoreError::new("broken"))
        })
    }

    fn renew(&self, _: DeliveryId, _: OwnerToken, _: Terms) -> StoreFuture<'_, Ownership> {
        self.answer("renew", self.renew)
    }

    fn complete(&self, _: DeliveryId, _: OwnerToken, _: Terms) -> StoreFuture<'_, Ownership> {
        self.answer("complete", self.settled())
    }

    fn release(&self, _: DeliveryId, _: OwnerToken, _: Terms) -> StoreFuture<'_, Ownership> {
        self.answer("release", self.settled())
    }
}

fn delivery() -> Delivery {
    let body = r#"{"event":"job.failed","task_id":"task"}"#;
    Delivery::assume_verified(body, UnixTime::from_secs(0), MatchedSecret::Current).unwrap()
}

fn dedupe(store: &Script) -> DedupeBuilder {
    // As short as it may be.
    Dedupe::builder(store.clone(), "test").lease(Duration::from_millis(100))
}

async fn handle<H: Future<Output = u16>>(
    dedupe: Dedupe,
    handler: impl FnOnce(Option<LeaseHandle>) -> H,
) -> Result<Handled<u16>, Result<OutcomeKind, ErrorKind>> {
    match dedupe.claim(&delivery(), sleep).await {
        Claimed::Held(claim) => {
            let lease = claim.lease();
            let handler = async { handler(lease).await };
            Ok(claim.run(handler, |status| *status < 300).await)
        }
        Claimed::Duplicate(outcome) => Err(Ok(outcome.kind())),
        Claimed::Rejected(error, _) => Err(Err(error.kind())),
    }
}

async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    (timeout(Duration::from_secs(60), future).await).unwrap_or_else(|_| panic!("{what}"))
}

#[tokio::test]
async fn the_handlers_answer_settles_the_claim() {
    use Answer::{Broken, Held, Lost, Panics};
    use OutcomeKind::{Completed, LeaseLost, Released, Unsettled};

    for (status, settle, outcome, calls) in [
        (200, vec![Held], Completed, &["complete"] as &[_]),
        (500, vec![Held], Released, &["release"]),
        (200, vec![Lost], LeaseLost, &["complete"]),
        (500, vec![Lost], LeaseLost, &["release"]),
        (
            200,
            vec![Broken, Broken, Held],
            Unsettled,
            &["complete", "complete", "complete"],
        ),
        (500, vec![Broken, Lost], Unsettled, &["release", "release"]),
        (
            200,
            vec![Panics, Held],
            Unsettled,
            &["complete", "complete"],
        ),
    ] {
        let store = Script::new(settle);
        // So long that it is not renewed meanwhile.
        let dedupe = dedupe(&store)
            .lease(Duration::from_secs(600))
            .build()
            .unwrap();
        let handled = handle(dedupe.clone(), async |lease| {
            assert_eq!(lease.unwrap().attempt(), 7);
            status
        });
        let handled = handled.await.unwrap();
        assert_eq!(handled.output.unwrap(), status);
        assert_eq!(handled.outcome.kind(), outcome);
        assert_eq!(handled.outcome.attempt(), Some(7));
        match handled.settling {
            None => assert_ne!(outcome, Unsettled),
            Some(settling) => {
                assert_eq!(dedupe.in_flight(), 1);
                in_time("settled", settling.into_future()).await;
            }
        }
        assert_eq!(dedupe.in_flight(), 0);
        assert_eq!(store.calls()[1..], *calls, "{status} {outcome:?}");
    }
}

#[tokio::test]
async fn without_a_claim_the_handler_is_not_called() {
    let digest = |byte| BodyDigest::from_bytes([byte; 16]);
    let taken_over = Claim::Acquired {
        attempt: 2,
        taken_over: true,
    };
    let in_progress = Claim::InProgress {
        remaining: Duration::from_secs(9),
    };
    let set = |set: fn(DedupeBuilder) -> DedupeBuilder| set;
    for (claim, set, expected, calls) in [
        (
            Ok(Claim::Completed { body: digest(0) }),
            set(|dedupe| dedupe),
            Ok(OutcomeKind::DifferingDuplicate),
            &["claim"] as &[_],
        ),
        (
            Ok(in_progress),
            set(|dedupe| dedupe),
            Err(ErrorKind::InProgress),
            &["claim"],
        ),
        (
            Ok(taken_over),
            set(DedupeBuilder::park),
            Err(ErrorKind::Parked),
            &["claim", "renew"],
        ),
        // The claim may have taken effect, so it is released.
        (
            Err(()),
            set(|dedupe| dedupe),
            Err(ErrorKind::StoreUnavailable),
            &["claim", "release"],
        ),
    ] {
        let store = Script {
            claim,
            ..Script::new([])
        };
        let dedupe = set(dedupe(&store)).build().unwrap();
        let ended = handle(dedupe, async |_| panic!("the handler was called")).await;
        assert_eq!(ended.unwrap_err(), expected);
        assert_eq!(store.calls(), calls, "{claim:?}");
    }
}

/// Otherwise it would look like one whose handler died, and be parked.
#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_released() {
    let store = Script {
        claim: Err(()),
        ..Script::new([Answer::Broken, Answer::Broken, Answer::Held])
    };
    let dedupe = dedupe(&store).lease(Duration::from_secs(600)).build();
    let Claimed::Rejected(_, settling) = dedupe.unwrap().claim(&delivery(), sleep).await else {
        panic!("not rejected")
    };
    in_time("released", settling.unwrap().into_future()).await;
    assert_eq!(store.calls(), ["claim", "release", "release", "release"]);
}

/// One wait for the store, and no lease.
#[tokio::test]
async fn failing_open_calls_the_handler_without_a_claim() {
    let store = Script {
        claim: Err(()),
        ..Script::new([])
    };
    let handled = handle(dedupe(&store).fail_open().build().unwrap(), async |lease| {
        assert!(lease.is_none());
        500
    });
    let handled = handled.await.unwrap();
    assert_eq!(handled.outcome.kind(), OutcomeKind::Unguarded);
    assert_eq!(store.calls(), ["claim"]);
}

#[tokio::test]
async fn no_handler_starts_on_a_lease_that_is_over() {
    let slow = Duration::from_millis(150);
    for (renew, expected, calls) in [
        (
            Answer::Held,
            Ok(200),
            &["claim", "renew", "complete"] as &[_],
        ),
        (
            Answer::Lost,
            Err(Err(ErrorKind::InProgress)),
            &["claim", "renew"],
        ),
        (
            Answer::Broken,
            Err(Err(ErrorKind::StoreUnavailable)),
            &["claim", "renew"],
        ),
    ] {
        let store = Script {
            slow,
            renew,
            ..Script::new([])
        };
        let handled = handle(dedupe(&store).build().unwrap(), async |_| 200).await;
        let status = handled.map(|handled| handled.output.unwrap());
        assert_eq!(status, expected, "{renew:?}");
        // A loaded machine may renew it more often.
        let mut seen = store.calls();
        seen.dedup();
        assert_eq!(seen, calls, "{renew:?}");
    }
}

#[tokio::test]
async fn a_panic_releases_the_claim() {
    for handler_panics in [true, false] {
        let store = Script::new([]);
        let dedupe = dedupe(&store).lease(Duration::from_secs(600));
        let dedupe = dedupe.build().unwrap();
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
        assert_eq!(store.calls(), ["claim", "release"]);
    }
}

/// However a lease is lost, its handler learns of it and runs on: another owner has it,
/// or the store is broken, says nothing at all, or panics.
#[tokio::test]
async fn a_handler_is_told_that_its_lease_is_lost() {
    for renew in [Answer::Lost, Answer::Broken, Answer::Never, Answer::Panics] {
        let store = Script {
            renew,
            ..Script::new([Answer::Lost])
        };
        let handled = handle(dedupe(&store).build().unwrap(), async |lease| {
            let lease = lease.unwrap();
            lease.cancelled().await;
            assert!(lease.is_lost());
            200
        });
        let handled = in_time("the handler is told", handled).await.unwrap();
        assert_eq!(handled.outcome.kind(), OutcomeKind::LeaseLost, "{renew:?}");
    }
}

/// A handler that hangs does not keep its delivery without end.
#[tokio::test]
async fn a_lease_is_not_renewed_without_end() {
    let store = Script::new([]);
    let dedupe = (dedupe(&store).renew_for(Duration::from_millis(200)).build()).unwrap();
    let handled = handle(dedupe, async |lease| {
        lease.unwrap().cancelled().await;
        200
    });
    in_time("the handler is told", handled).await.unwrap();
    let renewals = store
        .calls()
        .iter()
        .filter(|call| **call == "renew")
        .count();
    assert!(renewals <= 6, "{renewals}");
}

#[tokio::test]
async fn a_shutdown_can_wait_for_what_is_in_flight() {
    let dedupe = dedupe(&Script::new([])).build().unwrap();
    dedupe.drained().await;
    // It counts before it is polled.
    let claim = dedupe.claim(&delivery(), sleep);
    assert_eq!(dedupe.in_flight(), 1);
    let mut drained = Box::pin(dedupe.drained());
    assert!(drained.as_mut().now_or_never().is_none());
    let Claimed::Held(claim) = claim.await else {
        panic!("not claimed")
    };
    let handled = claim.run(async {}, |()| true);
    assert!(drained.as_mut().now_or_never().is_none());
    handled.await;
    in_time("drained", drained).await;
    assert_eq!(dedupe.in_flight(), 0);
}

#[tokio::test]
async fn nothing_is_claimed_where_the_runtime_has_no_timer() {
    let store = Script::new([]);
    let no_timer = |_| -> std::future::Ready<()> { panic!("no timer") };
    let dedupe = dedupe(&store).build().unwrap();
    let claim = dedupe.claim(&delivery(), no_timer);
    assert!(AssertUnwindSafe(claim).catch_unwind().await.is_err());
    assert!(store.calls().is_empty());
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let store = Script::new([]);
    let ten_years = Duration::from_secs(11 * 366 * 24 * 3600);
    assert!(matches!(
        Dedupe::builder(store.clone(), "").build(),
        Err(ConfigError::EmptyNamespace)
    ));
    assert!(matches!(
        dedupe(&store).lease(Duration::from_millis(99)).build(),
        Err(ConfigError::TooShort { .. })
    ));
    assert!(matches!(
        dedupe(&store).retention(ten_years).build(),
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
        let dedupe = dedupe(&Script::new([])).retention(retention).build();
        format!("{:?}", dedupe.unwrap().covering(&verifier))
    };
    assert!(covering(Duration::from_secs(1)).contains("retention: 1560s"));
    assert!(covering(Duration::from_secs(7200)).contains("retention: 7200s"));
}
