//! A store that does not answer.

use std::time::Duration;

use nano_webhook_core::dedupe::DedupeBuilder;
use nano_webhook_test_kit::SignedRequest;
use nano_webhook_test_kit::StoreCall::{Claim, Complete, Release, Renew};

use crate::answers::has_status;
use crate::table::{Table, equal};
use crate::target::Target;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    let all = [Claim, Renew, Complete, Release];
    table.claims("no claim: 503, connection kept", async move |claims| {
        claims.store.fail(&all);
        let request = SignedRequest::for_task("task").whole();
        let (mut connection, answer) = claims.ask(&request).await?;
        claims.rejected(&answer, "store_unavailable")?;
        claims.has_calls(0)?;
        claims.store.fail(&[]);
        has_status(&connection.exchange(&request).await?, 200)?;
        claims.has_calls(1)
    });
    table.claims("no claim: over HTTP/2", async move |claims| {
        claims.store.fail(&all);
        let mut connection = claims.http2().await?;
        let request = SignedRequest::for_task("task");
        let answer = connection.exchange(&request).await?;
        claims.rejected(&answer, "store_unavailable")?;
        claims.has_calls(0)
    });
    let name = "no claim: handled without one, where that was chosen, after one wait";
    table.claims_with(name, DedupeBuilder::fail_open, async move |claims| {
        claims.store.fail(&all);
        claims.gets("task", 200).await?;
        claims.gets("task", 200).await?;
        claims.has_calls(2)?;
        equal("calls of the store", claims.store.calls(), 2)
    });
    for (call, status) in [(Complete, 201), (Release, 404)] {
        let name = format!("{call:?} fails: the answer stays as it is");
        table.claims(name, async move |claims| {
            let task = format!("answer-{status}");
            claims.store.fail(&[call]);
            claims.gets(&task, status).await?;
            claims.gets_in_progress(&task).await?;
            claims.has_calls(1)
        });
    }
    let name = "a completion that fails is tried again until the store answers";
    table.claims(name, async |claims| {
        claims.store.fail(&[Complete]);
        claims.gets("task", 200).await?;
        // The answer does not wait for it, and it is not lost with the lease.
        claims.store.advance(Duration::from_secs(40));
        claims.store.until_answered(Complete, 2).await?;
        equal("in flight, unsettled", claims.dedupe.in_flight(), 1)?;
        claims.store.fail(&[]);
        claims.drained().await?;
        claims.gets("task", 200).await?;
        claims.has_calls(1)
    });
}
