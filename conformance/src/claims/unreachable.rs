//! A store that does not answer.

use std::time::Duration;

use nano_webhook_core::dedupe::DedupeBuilder;
use tokio::time::timeout;

use crate::answers::has_status;
use crate::settings::Settings;
use crate::table::Table;
use crate::target::Target;
use nano_webhook_test_kit::{PATIENCE, SignedRequest, StoreCall};

const ALL: [StoreCall; 4] = [
    StoreCall::Claim,
    StoreCall::Renew,
    StoreCall::Complete,
    StoreCall::Release,
];

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    table.claims(
        "no claim to be had: 503, and nothing is handled",
        async |claims| {
            claims.store.fail(&ALL);
            let answer = claims.deliver("task").await?;
            claims.refused_on_http1(&answer, "store_unavailable")?;
            claims.has_calls(0)?;
            claims.store.fail(&[]);
            claims.gets("task", 200).await?;
            claims.has_calls(1)
        },
    );
    table.claims(
        "no claim to be had: the connection is kept",
        async |claims| {
            claims.store.fail(&ALL);
            let request = SignedRequest::for_task("task").whole();
            let mut connection = claims.connect().await?;
            let answer = connection.exchange(&request).await?;
            claims.refused_on_http1(&answer, "store_unavailable")?;
            claims.store.fail(&[]);
            has_status(&connection.exchange(&request).await?, 200)
        },
    );
    table.claims("no claim to be had: over HTTP/2", async |claims| {
        claims.store.fail(&ALL);
        let mut connection = claims.http2().await?;
        let request = SignedRequest::for_task("task");
        let answer = connection.exchange(&request).await?;
        claims.refused(&answer, "store_unavailable")?;
        claims.has_calls(0)
    });
    table.claims_with(
        "no claim to be had: handled without one, where that was chosen, after one wait",
        Settings::default(),
        DedupeBuilder::fail_open,
        async |claims| {
            claims.store.fail(&ALL);
            claims.gets("task", 200).await?;
            claims.gets("task", 200).await?;
            claims.has_calls(2)?;
            match claims.store.calls() {
                2 => Ok(()),
                calls => Err(format!("the store was asked {calls} times, not twice")),
            }
        },
    );
    table.claims(
        "a completion that fails leaves the answer as it is",
        async |claims| {
            claims.store.fail(&[StoreCall::Complete]);
            claims.gets("answer-201", 201).await?;
            claims.gets_in_progress("answer-201").await?;
            claims.has_calls(1)
        },
    );
    table.claims(
        "a completion that fails is tried again until the store answers",
        async |claims| {
            claims.store.fail(&[StoreCall::Complete]);
            claims.gets("task", 200).await?;
            // The answer does not wait for it, and it is not lost with the lease.
            claims.store.advance(Duration::from_secs(40));
            claims.store.until_answered(StoreCall::Complete, 2).await?;
            match claims.dedupe.in_flight() {
                1 => {}
                count => return Err(format!("{count} in flight, while one is unsettled")),
            }
            claims.store.fail(&[]);
            timeout(PATIENCE, claims.dedupe.drained())
                .await
                .map_err(|_| "never settled".to_owned())?;
            claims.gets("task", 200).await?;
            claims.has_calls(1)
        },
    );
    table.claims(
        "a release that fails leaves the answer as it is",
        async |claims| {
            claims.store.fail(&[StoreCall::Release]);
            claims.gets("answer-404", 404).await?;
            claims.gets_in_progress("answer-404").await?;
            claims.has_calls(1)
        },
    );
}
