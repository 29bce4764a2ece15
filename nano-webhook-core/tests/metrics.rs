//! What a recorder gets: every metric of the table in `metrics.rs`, and nothing else.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use nano_webhook_core::adapter::{Claimed, HeldClaim, reject};
use nano_webhook_core::dedupe::{Dedupe, DedupeBuilder, MemoryStore, OutcomeKind};
use nano_webhook_core::{Delivery, Secret, Signer, UnixTime, Verifier, WebhookError, metrics};
use nano_webhook_test_kit::{StoreCall, TestStore};
use tokio::time::{Sleep, sleep};

const NOW: UnixTime = UnixTime::from_secs(1_734_948_000);

struct Receiver {
    verifier: Verifier,
    store: TestStore,
    seen: Snapshotter,
}

type Timer = fn(Duration) -> Sleep;

impl Receiver {
    fn verify(&self, secret: &str, body: &str) -> Result<Delivery, WebhookError> {
        let headers = Signer::new(Secret::new(secret).unwrap()).sign(NOW, body.as_bytes());
        let arrived = NOW.saturating_add(Duration::from_secs(2));
        self.verifier
            .verify(&headers.to_pairs(), body.to_owned(), arrived)
    }

    fn failed_job(&self, task: &str) -> Delivery {
        let body = format!(r#"{{"event":"job.failed","task_id":"{task}"}}"#);
        self.verify(CURRENT, &body).unwrap()
    }

    fn dedupe(&self) -> DedupeBuilder {
        Dedupe::builder(self.store.clone(), "test").lease(LEASE)
    }

    async fn claim(&self, dedupe: DedupeBuilder, delivery: &Delivery) -> Claimed<Timer> {
        dedupe
            .build()
            .unwrap()
            .claim(delivery, sleep as Timer)
            .await
    }

    async fn held(&self, delivery: &Delivery) -> HeldClaim<Timer> {
        match self.claim(self.dedupe(), delivery).await {
            Claimed::Held(claim) => claim,
            other => panic!("{other:?}"),
        }
    }

    /// What changed since the last call; histograms by how many values they got.
    fn counted(&self) -> BTreeMap<String, i64> {
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

    fn assert_counted(&self, what: &str, expected: &[&str]) {
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

const CURRENT: &str = "the current secret of this test";
const PREVIOUS: &str = "the previous secret of this test";
const LEASE: Duration = Duration::from_secs(600);

/// One test, because a process has one recorder.
#[tokio::test]
async fn every_end_of_a_delivery_is_counted_once() {
    let recorder = DebuggingRecorder::new();
    let seen = recorder.snapshotter();
    recorder.install().unwrap();
    metrics::register();

    let receiver = Receiver {
        verifier: Verifier::builder(Secret::new(CURRENT).unwrap())
            .previous_secret(Secret::new(PREVIOUS).unwrap())
            .build()
            .unwrap(),
        store: TestStore::new(),
        seen,
    };
    the_table_names_every_series(&receiver);

    let completed = r#"{"event":"job.completed","task_id":"1","data":{"url":"https://a"}}"#;
    let verified = [
        "age_seconds",
        "body_size_bytes",
        "verification_duration_seconds",
    ];
    let first = receiver.verify(CURRENT, completed).unwrap();
    receiver.assert_counted(
        "verified",
        &[&verified[..], &["matched_secrets_total current"]].concat(),
    );
    receiver.verify(PREVIOUS, r#"{"event":"new"}"#).unwrap();
    receiver.assert_counted(
        "by the previous secret",
        &[&verified[..], &["matched_secrets_total previous"]].concat(),
    );
    let error = receiver
        .verify("another secret, not ours", completed)
        .unwrap_err();
    receiver.assert_counted("nothing of an unsigned request", &[]);
    let _ = reject(&error);
    receiver.assert_counted("rejected", &["rejections_total signature_mismatch"]);

    let claim = receiver.held(&first).await;
    receiver.assert_counted("in flight", &["claim_duration_seconds", "in_flight"]);
    let other = receiver.claim(receiver.dedupe(), &first).await;
    assert!(matches!(other, Claimed::Rejected(_)));
    receiver.assert_counted(
        "in progress",
        &[
            "claim_duration_seconds",
            "deliveries_total job.completed in_progress",
        ],
    );
    claim.run(async {}, |()| true).await;
    let completed_end = [
        "deliveries_total job.completed completed",
        "in_flight = -1",
        "handler_duration_seconds",
    ];
    receiver.assert_counted("completed", &completed_end);
    let _ = receiver.claim(receiver.dedupe(), &first).await;
    receiver.assert_counted(
        "duplicate",
        &[
            "claim_duration_seconds",
            "deliveries_total job.completed duplicate",
        ],
    );
    let differing = receiver
        .verify(CURRENT, &completed.replace("//a", "//b"))
        .unwrap();
    let _ = receiver.counted();
    let _ = receiver.claim(receiver.dedupe(), &differing).await;
    receiver.assert_counted(
        "differing duplicate",
        &[
            "claim_duration_seconds",
            "deliveries_total job.completed differing_duplicate",
        ],
    );

    let unknown = receiver.verify(CURRENT, r#"{"event":"new"}"#).unwrap();
    let claim = receiver.held(&unknown).await;
    let _ = receiver.counted();
    claim.run(async { panic!("told so") }, |()| true).await;
    receiver.assert_counted(
        "released",
        &[
            "deliveries_total unknown released",
            "handler_duration_seconds",
            "in_flight = -1",
        ],
    );

    let job = receiver.failed_job("2");
    let claim = receiver.held(&job).await;
    receiver.store.advance(LEASE.saturating_mul(2));
    let second = receiver.held(&job).await;
    let _ = receiver.counted();
    claim.run(async {}, |()| true).await;
    receiver.assert_counted(
        "lease lost",
        &[
            "deliveries_total job.failed lease_lost",
            "handler_duration_seconds",
            "in_flight = -1",
        ],
    );
    drop(second);
    receiver.store.advance(LEASE.saturating_mul(2));
    let _ = receiver.counted();
    let _ = receiver.claim(receiver.dedupe().park(), &job).await;
    receiver.assert_counted(
        "parked",
        &[
            "claim_duration_seconds",
            "deliveries_total job.failed parked",
        ],
    );

    let one_record = MemoryStore::with_capacity(1).unwrap();
    for task in ["3", "4"] {
        let dedupe = Dedupe::builder(one_record.clone(), "test");
        let claimed = receiver.claim(dedupe, &receiver.failed_job(task)).await;
        let Claimed::Held(claim) = claimed else {
            panic!("not held")
        };
        claim.run(async {}, |()| true).await;
    }
    assert_eq!(receiver.counted().get("forgotten_total"), Some(&1));

    let claim = receiver.held(&receiver.failed_job("5")).await;
    let _ = receiver.counted();
    let all = [StoreCall::Claim, StoreCall::Complete, StoreCall::Release];
    receiver.store.fail(&all);
    let handled = claim.run(async {}, |()| true).await;
    assert_eq!(handled.outcome.kind(), OutcomeKind::Unsettled);
    receiver.assert_counted(
        "unsettled",
        &[
            "deliveries_total job.failed unsettled",
            "handler_duration_seconds",
            "store_errors_total complete",
        ],
    );
    drop(handled);
    let _ = receiver.counted();
    let _ = receiver.claim(receiver.dedupe(), &job).await;
    receiver.assert_counted(
        "store unavailable",
        &[
            "claim_duration_seconds",
            "deliveries_total job.failed store_unavailable",
            "store_errors_total claim",
            "store_errors_total release",
        ],
    );
    let Claimed::Held(claim) = receiver.claim(receiver.dedupe().fail_open(), &job).await else {
        panic!("not held")
    };
    claim.run(async {}, |()| true).await;
    receiver.assert_counted(
        "unguarded",
        &[
            "claim_duration_seconds",
            "deliveries_total job.failed unguarded",
            "handler_duration_seconds",
            "store_errors_total claim",
        ],
    );
}

/// The rows of the table in rustdoc: `name`, and how many series it has. The guide has
/// the same table.
fn the_table_names_every_series(receiver: &Receiver) {
    let root = env!("CARGO_MANIFEST_DIR");
    let source = fs::read_to_string(format!("{root}/src/metrics.rs")).unwrap();
    let rows: Vec<&str> = (source.lines())
        .filter_map(|line| line.strip_prefix("//! "))
        .filter(|line| line.starts_with("| `nano_webhook_"))
        .collect();
    let table: BTreeMap<String, usize> = (rows.iter())
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            (
                cells[1].trim_matches('`').to_owned(),
                cells[5].parse().unwrap(),
            )
        })
        .collect();
    let mut registered = BTreeMap::new();
    for (key, unit, help, _) in receiver.seen.snapshot().into_vec() {
        let name = key.key().name().to_owned();
        assert!(unit.is_some() && help.is_some(), "{name} is not described");
        *registered.entry(name).or_default() += 1;
    }
    assert_eq!(registered, table);

    let guide = fs::read_to_string(format!("{root}/../docs/guide/observability.md")).unwrap();
    for row in rows {
        assert!(guide.contains(row), "the guide lacks {row}");
    }
}
