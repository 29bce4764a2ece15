use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use metrics_util::debugging::{DebugValue, Snapshotter};
use nano_webhook_core::adapter::{Claimed, HeldClaim};
use nano_webhook_core::dedupe::{Dedupe, DedupeBuilder};
use nano_webhook_core::{Delivery, Verifier, WebhookError};
use nano_webhook_test_kit::{SignedRequest, TestStore};
use tokio::time::{Sleep, sleep};

pub(crate) const CURRENT: &str = "the current secret of this test";
pub(crate) const PREVIOUS: &str = "the previous secret of this test";
pub(crate) const LEASE: Duration = Duration::from_secs(600);

/// A verifier and a store, and what is counted of them.
pub(crate) struct Receiver {
    pub(crate) verifier: Verifier,
    pub(crate) store: TestStore,
    pub(crate) seen: Snapshotter,
}

pub(crate) type Timer = fn(Duration) -> Sleep;

impl Receiver {
    pub(crate) fn verify(&self, secret: &str, body: &str) -> Result<Delivery, WebhookError> {
        let SignedRequest { headers, body, .. } =
            SignedRequest::signed(secret, SignedRequest::NOW, body);
        let arrived = SignedRequest::NOW.saturating_add(Duration::from_secs(2));
        self.verifier.verify(&headers, body, arrived)
    }

    pub(crate) fn failed_job(&self, task: &str) -> Delivery {
        let body = format!(r#"{{"event":"job.failed","task_id":"{task}"}}"#);
        self.verify(CURRENT, &body).unwrap()
    }

    pub(crate) fn dedupe(&self) -> DedupeBuilder {
        Dedupe::builder(self.store.clone(), "test").lease(LEASE)
    }

    pub(crate) async fn claim(&self, dedupe: DedupeBuilder, delivery: &Delivery) -> Claimed<Timer> {
        let dedupe = dedupe.build().unwrap();
        dedupe.claim(delivery, sleep as Timer).await
    }

    pub(crate) async fn rejects(&self, dedupe: DedupeBuilder, delivery: &Delivery) {
        let claimed = self.claim(dedupe, delivery).await;
        assert!(matches!(claimed, Claimed::Rejected(..)), "{claimed:?}");
    }

    pub(crate) async fn held(&self, delivery: &Delivery) -> HeldClaim<Timer> {
        match self.claim(self.dedupe(), delivery).await {
            Claimed::Held(claim) => claim,
            other => panic!("{other:?}"),
        }
    }

    /// What changed since the last call; histograms by how many values they got.
    pub(crate) fn changes(&self) -> BTreeMap<String, i64> {
        let snapshot = self.seen.snapshot().into_vec();
        let counts = snapshot.into_iter().map(|(key, _, _, value)| {
            let (_, key) = key.into_parts();
            let labels: Vec<_> = key
                .labels()
                .map(|label| format!(" {}", label.value()))
                .collect();
            let value = match value {
                DebugValue::Counter(count) => count as i64,
                DebugValue::Gauge(level) => level.into_inner() as i64,
                DebugValue::Histogram(values) => values.len() as i64,
            };
            let name = key.name().trim_start_matches("nano_webhook_");
            (format!("{name}{}", labels.concat()), value)
        });
        counts.filter(|(_, value)| *value != 0).collect()
    }

    /// Since the last call, these series have changed, by 1 unless it says otherwise.
    #[track_caller]
    pub(crate) fn counted(&self, expected: &str) {
        let changes = self.changes().into_iter();
        let changes: BTreeSet<String> = changes
            .map(|(series, count)| match count {
                1 => series,
                count => format!("{series} = {count}"),
            })
            .collect();
        let expected = expected.split(", ").filter(|series| !series.is_empty());
        assert_eq!(changes, expected.map(String::from).collect());
    }
}
