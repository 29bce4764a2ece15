//! Deliveries that a receiver must not lose.
#![allow(clippy::unwrap_used)]

use nano_webhook_core::dedupe::{DeliveryId, MemoryStore, Namespace};
use nano_webhook_core::{Delivery, MatchedSecret, UnixTime};

fn delivery(body: &'static str) -> Delivery {
    Delivery::assume_verified(body, UnixTime::from_secs(0), MatchedSecret::Current).unwrap()
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

/// Two endpoints of one process on one store.
#[test]
fn a_memory_store_has_a_namespace() {
    use nano_webhook_core::dedupe::DedupeStore as _;

    let store = MemoryStore::default();
    let gallery = store
        .clone()
        .with_namespace(Namespace::new("gallery").unwrap());
    assert_ne!(store.namespace(), gallery.namespace());
}
