use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use metrics_util::debugging::{DebugValue, Snapshotter};
use nano_webhook_core::adapter::{Claimed, HeldClaim};
use nano_webhook_core::dedupe::{Dedupe, DedupeBuilder};
use nano_webhook_core::{Delivery, Secret, Signer, UnixTime, Verifier, WebhookError};
use nano_webhook_test_kit::TestStore;
use tokio::time::{Sleep, sleep};

const NOW: UnixTime = UnixTime::from_secs(1_734_948_000);
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
        let headers = Signer::new(Secret::new(secret).unwrap()).sign(NOW, body.as_bytes());
        let arrived = NOW.saturating_add(Duration::from_secs(2));
        self.verifier
            .verify(&headers.to_pairs(), body.to_owned(), arrived)
    }

    pub(crate) fn failed_job(&self, task: &str) -> Delivery {
        let body = format!(r#"{{"event":"job.failed","task_id":"{task}"}}"#);
        self.verify(CURRENT, &body).unwrap()
    }

    pub(crate) fn dedupe(&self) -> DedupeBuilder {
        Dedupe::builder(self.store.clone(), "test").lease(LEASE)
    }

    pub(crate) async fn claim(&self, dedupe: DedupeBuilder, delivery: &Delivery) -> Claimed<Timer> {
        dedupe
            .build()
            .unwrap()
            .claim(delivery, sleep as Timer)
            .await
    }

    pub(crate) async fn held(&self, delivery: &Delivery) -> HeldClaim<Timer> {
        match self.claim(self.dedupe(), delivery).await {
            Claimed::Held(claim) => claim,
            other => panic!("{other:?}"),
        }
    }

    /// What changed since the last call; histograms by how many values they got.
    pub(crate) fn counted(&self) -> BTreeMap<String, i64> {
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

    pub(crate) fn assert_counted(&self, what: &str, expected: &[&str]) {
        let counted: BTreeSet<String> = (self.counted().into_iter())
            .map(|(series, count)| match count {
                1 => series,
                count => format!("{series} = {count}"),
            })
            .collect();
        let expected: BTreeSet<String> = expected.iter().map(|series| (*series).into()).collect();
        assert_eq!(counted, expected, "{what}");
    }
}
