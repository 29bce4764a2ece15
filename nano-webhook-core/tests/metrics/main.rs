//! What a recorder gets: every metric of the guide's table, and nothing else.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod receiver;

use std::collections::BTreeMap;
use std::fs;

use metrics_util::debugging::DebuggingRecorder;
use nano_webhook_core::adapter::{Claimed, reject};
use nano_webhook_core::dedupe::{Dedupe, MemoryStore, OutcomeKind};
use nano_webhook_core::{Secret, Verifier, metrics};
use nano_webhook_test_kit::{StoreCall, TestStore};
use receiver::{CURRENT, LEASE, PREVIOUS, Receiver};

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
    assert!(matches!(other, Claimed::Rejected(..)));
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

/// The rows of the guide's table: `name`, and how many series it has.
fn the_table_names_every_series(receiver: &Receiver) {
    let guide = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/guide/observability.md"
    );
    let guide = fs::read_to_string(guide).unwrap();
    let rows = guide
        .lines()
        .filter(|line| line.starts_with("| `nano_webhook_"));
    let table: BTreeMap<String, usize> = rows
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
}
