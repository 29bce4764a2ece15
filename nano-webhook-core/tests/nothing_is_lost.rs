//! Deliveries that a receiver must not lose.
#![allow(clippy::unwrap_used, clippy::panic)]

use nano_webhook_core::dedupe::{DeliveryId, Namespace};
use nano_webhook_core::{Delivery, MatchedSecret, UnixTime, WebhookEvent};

fn delivery(body: &'static str) -> Delivery {
    Delivery::assume_verified(body, UnixTime::from_secs(0), MatchedSecret::Current).unwrap()
}

/// What an undocumented payload says of its cause may be unreadable: a text that
/// was cut in the middle of an emoji, a number beyond every float.
#[test]
fn a_failure_with_an_unreadable_cause() {
    for body in [
        r#"{"event":"job.failed","task_id":"t","error":"cut off: \ud83d"}"#,
        r#"{"event":"job.failed","task_id":"t","data":{"code":1e999}}"#,
    ] {
        let delivery = delivery(body);
        let WebhookEvent::Failed(job) = delivery.event() else {
            panic!("{body}")
        };
        assert_eq!((job.task_id.as_str(), job.reason()), ("t", None), "{body}");
        assert_eq!(job.body, body.as_bytes());
    }
}

/// A job ends once. Of anything else nobody knows how often it comes.
#[test]
fn what_is_the_same_delivery() {
    let id = |namespace: &str, body| {
        DeliveryId::new(&Namespace::new(namespace).unwrap(), &delivery(body))
    };
    let failed = id("a", r#"{"event":"job.failed","task_id":"t"}"#);
    let progress = id(
        "a",
        r#"{"event":"job.progress","task_id":"t","percent":10}"#,
    );
    for (same, other) in [
        (
            true,
            (
                failed,
                id("a", r#"{"task_id":"t","event":"job.failed","error":"x"}"#),
            ),
        ),
        (
            false,
            (failed, id("b", r#"{"event":"job.failed","task_id":"t"}"#)),
        ),
        (
            false,
            (failed, id("a", r#"{"event":"job.failed","task_id":"u"}"#)),
        ),
        (
            false,
            (
                failed,
                id(
                    "a",
                    r#"{"event":"job.completed","task_id":"t","data":{"url":"u"}}"#,
                ),
            ),
        ),
        (
            true,
            (
                progress,
                id(
                    "a",
                    r#"{"event":"job.progress","task_id":"t","percent":10}"#,
                ),
            ),
        ),
        (
            false,
            (
                progress,
                id(
                    "a",
                    r#"{"event":"job.progress","task_id":"t","percent":90}"#,
                ),
            ),
        ),
    ] {
        assert_eq!(other.0 == other.1, same);
    }
}
