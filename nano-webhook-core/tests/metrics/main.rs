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

    let verifier = Verifier::builder(Secret::new(CURRENT).unwrap());
    let receiver = Receiver {
        verifier: verifier
            .previous_secret(Secret::new(PREVIOUS).unwrap())
            .build()
            .unwrap(),
        store: TestStore::new(),
        seen,
    };
    the_table_names_every_series(&receiver);

    let completed = r#"{"event":"job.completed","task_id":"1","data":{"url":"https://a"}}"#;
    let verified = "age_seconds, body_size_bytes, verification_duration_seconds";
    let by = |secret| format!("{verified}, matched_secrets_total {secret}");
    let first = receiver.verify(CURRENT, completed).unwrap();
    receiver.counted(&by("current"));
    let unknown = receiver.verify(PREVIOUS, r#"{"event":"new"}"#).unwrap();
    receiver.counted(&by("previous"));
    let forged = receiver.verify("another secret of some length", completed);
    receiver.counted("");
    let _ = reject(&forged.unwrap_err());
    receiver.counted("rejections_total signature_mismatch");
    let differing = completed.replace("//a", "//b");
    let differing = receiver.verify(CURRENT, &differing).unwrap();
    let [job, third, fourth] = ["2", "3", "4"].map(|task| receiver.failed_job(task));
    receiver.changes();

    let claim = receiver.held(&first).await;
    receiver.counted("claim_duration_seconds, in_flight");
    receiver.rejects(receiver.dedupe(), &first).await;
    receiver.counted("claim_duration_seconds, deliveries_total job.completed in_progress");
    claim.run(async {}, |()| true).await;
    let ended = "handler_duration_seconds, in_flight = -1";
    receiver.counted(&format!(
        "deliveries_total job.completed completed, {ended}"
    ));
    let _ = receiver.claim(receiver.dedupe(), &first).await;
    receiver.counted("claim_duration_seconds, deliveries_total job.completed duplicate");
    let _ = receiver.claim(receiver.dedupe(), &differing).await;
    receiver.counted("claim_duration_seconds, deliveries_total job.completed differing_duplicate");

    let claim = receiver.held(&unknown).await;
    receiver.changes();
    claim.run(async { panic!("told so") }, |()| true).await;
    receiver.counted(&format!("deliveries_total unknown released, {ended}"));

    let claim = receiver.held(&job).await;
    receiver.store.advance(LEASE.saturating_mul(2));
    let second = receiver.held(&job).await;
    receiver.changes();
    claim.run(async {}, |()| true).await;
    receiver.counted(&format!("deliveries_total job.failed lease_lost, {ended}"));
    drop(second);
    receiver.store.advance(LEASE.saturating_mul(2));
    receiver.changes();
    receiver.rejects(receiver.dedupe().park(), &job).await;
    receiver.counted("claim_duration_seconds, deliveries_total job.failed parked");

    let one_record = MemoryStore::with_capacity(1).unwrap();
    for delivery in [&third, &fourth] {
        let dedupe = Dedupe::builder(one_record.clone(), "test");
        let Claimed::Held(claim) = receiver.claim(dedupe, delivery).await else {
            panic!("not held")
        };
        claim.run(async {}, |()| true).await;
    }
    assert_eq!(receiver.changes().get("forgotten_total"), Some(&1));

    let claim = receiver.held(&fourth).await;
    receiver.changes();
    let all = [StoreCall::Claim, StoreCall::Complete, StoreCall::Release];
    receiver.store.fail(&all);
    let handled = claim.run(async {}, |()| true).await;
    assert_eq!(handled.outcome.kind(), OutcomeKind::Unsettled);
    let unsettled = "deliveries_total job.failed unsettled, store_errors_total complete";
    receiver.counted(&format!("{unsettled}, handler_duration_seconds"));
    drop(handled);
    receiver.changes();
    receiver.rejects(receiver.dedupe(), &job).await;
    let claimed = "claim_duration_seconds, store_errors_total claim";
    let unavailable = "deliveries_total job.failed store_unavailable";
    receiver.counted(&format!(
        "{claimed}, {unavailable}, store_errors_total release"
    ));
    let Claimed::Held(claim) = receiver.claim(receiver.dedupe().fail_open(), &job).await else {
        panic!("not held")
    };
    claim.run(async {}, |()| true).await;
    let unguarded = "deliveries_total job.failed unguarded, handler_duration_seconds";
    receiver.counted(&format!("{claimed}, {unguarded}"));
}

/// A row of the guide's table has a name, and how many series it has.
fn the_table_names_every_series(receiver: &Receiver) {
    let root = env!("CARGO_MANIFEST_DIR");
    let guide = format!("{root}/../docs/guide/observability.md");
    let guide = fs::read_to_string(guide).unwrap();
    let rows = guide.lines();
    let rows = rows.filter(|line| line.starts_with("| `nano_webhook_"));
    let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let table: BTreeMap<String, usize> = cells
        .map(|cells| (cells[1].replace('`', ""), cells[5].parse().unwrap()))
        .collect();
    let mut registered = BTreeMap::new();
    for (key, unit, help, _) in receiver.seen.snapshot().into_vec() {
        let name = key.key().name().to_owned();
        assert!(unit.is_some() && help.is_some(), "{name} is not described");
        *registered.entry(name).or_default() += 1;
    }
    assert_eq!(registered, table);
}
