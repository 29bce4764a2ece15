//! The tables judge receivers; here they are judged themselves. A receiver that is
//! as it should be passes every row, and each that is wrong in one way fails the
//! rows that are there for it.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod fault;
mod reference;
mod serve;

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use nano_webhook_conformance::{
    Report, report_contract, report_dedupe_contract, report_vectors_over_http, run_contract,
    run_dedupe_contract, run_vectors_over_http,
};

use fault::{ALL, CLAIMS, Rows, VECTORS};
use reference::Reference;

/// A hang is what some faults are about. Nobody should wait half a minute for it,
/// and if a loaded machine makes other rows differ too, no harm is done.
const IMPATIENT: Duration = Duration::from_secs(3);

#[tokio::test]
async fn the_reference_passes_the_vectors() {
    run_vectors_over_http(&Reference::default()).await;
}

#[tokio::test]
async fn the_reference_passes_the_contract() {
    run_contract(&Reference::default()).await;
}

#[tokio::test]
async fn the_reference_passes_the_contract_of_claims() {
    run_dedupe_contract(&Reference::default()).await;
}

#[tokio::test]
async fn the_contract_finds_each_fault() {
    each(ALL, 1, async |receiver, wanted| {
        report_contract(&receiver, wanted).await
    })
    .await;
}

#[tokio::test]
async fn the_contract_of_claims_finds_each_fault() {
    each(CLAIMS, 1, async |receiver, wanted| {
        report_dedupe_contract(&receiver, wanted).await
    })
    .await;
}

#[tokio::test]
async fn the_vectors_find_each_fault() {
    each(VECTORS, 3, async |receiver, wanted| {
        report_vectors_over_http(&receiver, wanted).await
    })
    .await;
}

/// Each fault fails all the rows that are there for it. A vector is as many rows of
/// a report as there are ways to send it.
async fn each(
    faults: Rows,
    ways: usize,
    run: impl AsyncFn(Reference, &dyn Fn(&str) -> bool) -> Report,
) {
    let run = &run;
    let runs = faults.iter().map(async |(fault, rows)| {
        let receiver = Reference::with(*fault, IMPATIENT);
        let report = run(receiver, &|name| rows.contains(&name)).await;
        let differing = report.differing().count();
        assert_eq!(differing, rows.len() * ways, "{fault:?}: {report}");
    });
    stream::iter(runs).buffer_unordered(4).collect::<()>().await;
}
