//! The life of a claim around a handler, with a store that answers as it is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use nano_webhook_core::dedupe::{
    BodyDigest, Claim, Dedupe, DedupeStore, DeliveryId, LeaseHandle, Outcome, OwnerToken,
    Ownership, Processed, StoreError, StoreFuture, Terms,
};
use nano_webhook_core::{Delivery, MatchedSecret, Secret, UnixTime, Verifier};
use tokio::time::sleep;

/// What a call on the store comes to.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Held,
    Lost,
    Broken,
    Never,
}

#[derive(Clone)]
struct Script {
    claim: Result<Claim, ()>,
    renew: Answer,
    settle: Answer,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

impl Script {
    fn new() -> Self {
        Self {
            claim: Ok(Claim::Acquired {
                attempt: 7,
                taken_over: false,
            }),
            renew: Answer::Held,
            settle: Answer::Held,
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
            }
        })
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
            self.claim.map_err(|()| StoreError::new("broken"))
        })
    }

    fn renew(&self, _: DeliveryId, _: OwnerToken, _: Terms) -> StoreFuture<'_, Ownership> {
        self.answer("renew", self.renew)
    }

    fn complete(&self, _: DeliveryId, _: OwnerToken, _: Terms) -> StoreFuture<'_, Ownership> {
        self.answer("complete", self.settle)
    }

    fn release(&self, _: DeliveryId, _: OwnerToken, _: Terms) -> StoreFuture<'_, Ownership> {
        self.answer("release", self.settle)
    }
}

fn delivery() -> Delivery {
    let body = r#"{"event":"job.failed","task_id":"task"}"#;
    Delivery::assume_verified(body, UnixTime::from_secs(0), MatchedSecret::Current).unwrap()
}

async fn process<H: Future<Output = u16>>(
    store: &Script,
    handler: impl FnOnce(Option<LeaseHandle>) -> H,
) -> Processed<u16> {
    Dedupe::new(store.clone())
        .lease(Duration::from_millis(60))
        .process(&delivery(), sleep, handler, |status| *status < 300)
        .await
}

fn handled(processed: Processed<u16>) -> (u16, Outcome) {
    match processed {
        Processed::Handled { output, outcome } => (output, outcome),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_becomes_of_the_claim() {
    let attempt = 7;
    for (status, settle, outcome, call) in [
        (
            200,
            Answer::Held,
            Outcome::Completed { attempt },
            "complete",
        ),
        (500, Answer::Held, Outcome::Released { attempt }, "release"),
        (
            200,
            Answer::Lost,
            Outcome::LeaseLost { attempt },
            "complete",
        ),
        (500, Answer::Lost, Outcome::LeaseLost { attempt }, "release"),
        (
            200,
            Answer::Broken,
            Outcome::Unsettled { attempt },
            "complete",
        ),
        (
            500,
            Answer::Broken,
            Outcome::Unsettled { attempt },
            "release",
        ),
    ] {
        let store = Script {
            settle,
            ..Script::new()
        };
        let processed = process(&store, async |lease| {
            assert_eq!(lease.unwrap().attempt(), attempt);
            status
        });
        assert_eq!(handled(processed.await), (status, outcome));
        assert_eq!(store.calls(), ["claim", call], "{status} and {settle:?}");
    }
}

#[tokio::test]
async fn without_a_claim_there_is_no_call() {
    for claim in [
        Claim::Completed {
            body: BodyDigest::from_bytes([0; 16]),
        },
        Claim::InProgress {
            remaining: Duration::from_secs(9),
        },
    ] {
        let store = Script {
            claim: Ok(claim),
            ..Script::new()
        };
        let processed = process(&store, async |_| panic!("the handler was called")).await;
        match claim {
            Claim::Completed { .. } => assert_eq!(processed.outcome(), Some(Outcome::Duplicate)),
            _ => assert_eq!(processed.outcome(), Some(Outcome::InProgress)),
        }
        assert_eq!(store.calls(), ["claim"]);
    }
}

/// Its answer was lost: it may have had its effect, so it is taken back.
#[tokio::test]
async fn a_claim_without_an_answer_is_released() {
    let store = Script {
        claim: Err(()),
        ..Script::new()
    };
    let processed = process(&store, async |_| panic!("the handler was called")).await;
    let Processed::Refused(error) = processed else {
        panic!("{processed:?}")
    };
    assert_eq!((error.code(), error.status()), ("store_unavailable", 503));
    assert_eq!(store.calls(), ["claim", "release"]);
}

#[tokio::test]
async fn a_panic_releases_and_goes_on() {
    let store = Script::new();
    let processed = process(&store, async |_| panic!("told so"));
    let panic = AssertUnwindSafe(processed)
        .catch_unwind()
        .await
        .unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"told so"));
    assert_eq!(store.calls(), ["claim", "release"]);
}

/// However a lease is lost, its handler learns of it: somebody else has it, the
/// store is broken, or says nothing at all.
#[tokio::test]
async fn a_handler_is_told_that_its_lease_is_lost() {
    for renew in [Answer::Lost, Answer::Broken, Answer::Never] {
        let store = Script {
            renew,
            settle: Answer::Lost,
            ..Script::new()
        };
        let processed = process(&store, async |lease| {
            let lease = lease.unwrap();
            assert!(!lease.is_lost());
            lease.lost().await;
            assert!(lease.is_lost());
            200
        });
        let ended = tokio::time::timeout(Duration::from_secs(20), processed).await;
        let ended = ended.unwrap_or_else(|_| panic!("{renew:?}: the handler was not told"));
        assert_eq!(handled(ended), (200, Outcome::LeaseLost { attempt: 7 }));
    }
}

#[tokio::test]
async fn a_shutdown_can_wait_for_what_is_in_flight() {
    let dedupe = Dedupe::new(Script::new());
    let in_flight = dedupe.in_flight();
    in_flight.drained().await;

    let (end, ended) = tokio::sync::oneshot::channel();
    let (begin, begun) = tokio::sync::oneshot::channel();
    let handling = tokio::spawn(async move {
        let handler = async |_: Option<LeaseHandle>| {
            begin.send(()).unwrap();
            ended.await.unwrap()
        };
        dedupe
            .process(&delivery(), sleep, handler, |_: &()| true)
            .await
    });
    begun.await.unwrap();
    assert_eq!(in_flight.count(), 1);
    let mut drained = Box::pin(in_flight.drained());
    assert!(drained.as_mut().now_or_never().is_none());
    end.send(()).unwrap();
    drained.await;
    handling.await.unwrap();
    assert_eq!(in_flight.count(), 0);
}

/// A handler that hangs does not keep its delivery for ever.
#[tokio::test]
async fn a_lease_is_not_renewed_without_end() {
    let store = Script::new();
    let dedupe = Dedupe::new(store.clone())
        .lease(Duration::from_millis(30))
        .renew_for(Duration::from_millis(60));
    let delivery = delivery();
    let handler = async |lease: Option<LeaseHandle>| lease.unwrap().lost().await;
    let processed = dedupe.process(&delivery, sleep, handler, |()| true);
    tokio::time::timeout(Duration::from_secs(20), processed)
        .await
        .expect("the handler is told");
    let renewals = store
        .calls()
        .iter()
        .filter(|call| **call == "renew")
        .count();
    assert!((1..=6).contains(&renewals), "{renewals}");
}

#[tokio::test]
async fn nothing_is_claimed_where_there_is_no_timer() {
    let store = Script::new();
    let no_timer = |_| -> std::future::Ready<()> { panic!("no timer") };
    let dedupe = Dedupe::new(store.clone());
    let delivery = delivery();
    let processed = dedupe.process(&delivery, no_timer, async |_| (), |()| true);
    assert!(AssertUnwindSafe(processed).catch_unwind().await.is_err());
    assert!(store.calls().is_empty());
}

/// A captured head can be sent at the end of the window, and its body as late as
/// the verifier allows.
#[test]
fn a_completion_outlives_every_replay() {
    let secret = Secret::new("0123456789abcdef").unwrap();
    let verifier = Verifier::builder(secret)
        .body_timeout(Duration::from_secs(900))
        .build()
        .unwrap();
    let window = verifier.replay_window();
    assert_eq!(window, Duration::from_secs(300 + 300 + 900));
    let dedupe = |retention| {
        Dedupe::new(Script::new())
            .retention(retention)
            .validate(window)
    };
    assert!(dedupe(window).is_err());
    assert!(dedupe(window + Duration::from_secs(60)).is_ok());
}
