//! Clients that do not wait for their answer.

use nano_webhook_test_kit::{SignedRequest, StoreCall};

use super::Claims;
use crate::answers::has_status;
use crate::table::{Check, Table, equal};
use crate::target::Target;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    for (name, resets) in [
        ("the handler outlives its client", true),
        ("the handler outlives its client, who closes", false),
    ] {
        table.claims(name, async move |claims| {
            let connection = claims.begin("hold", 1).await?;
            match resets {
                true => connection.reset(),
                false => drop(connection),
            }
            // The server sees the end of a connection no later than what comes after it
            // on others; so these give it every occasion to drop the handler.
            for _ in 0..10 {
                claims.gets_in_progress("hold").await?;
            }
            claims.has_calls(1)?;
            finish(claims, 1).await
        });
    }
    table.claims("the handler outlives its stream", async |claims| {
        let mut connection = claims.http2().await?;
        let request = SignedRequest::for_task("hold");
        let mut stream = connection.begin(&request).await?;
        stream.send(&request.body, true).await?;
        claims.probe.until_begun(1).await?;
        stream.reset();
        // What comes after it on the connection is read after it.
        let other = SignedRequest::for_task("b");
        has_status(&connection.exchange(&other).await?, 200)?;
        claims.has_calls(2)?;
        finish(claims, 2).await
    });
    table.claims("the client hangs up before the claim", async |claims| {
        let connection = claims.held_at(StoreCall::Claim, "task").await?;
        connection.reset();
        claims.store.hold(&[]);
        claims.store.until_answered(StoreCall::Complete, 1).await?;
        claims.gets("task", 200).await?;
        claims.has_calls(1)
    });
    table.claims("in-flight work is counted, and drained", async |claims| {
        let connection = claims.begin("hold", 1).await?;
        equal("in flight", claims.dedupe.in_flight(), 1)?;
        connection.reset();
        claims.gets_in_progress("hold").await?;
        claims.probe.let_go();
        claims.drained().await?;
        claims.gets("hold", 200).await?;
        claims.has_calls(1)
    });
}

/// The handler comes to its end, and its claim with it.
async fn finish(claims: &Claims, calls: usize) -> Check {
    claims.probe.let_go();
    claims.probe.until_ended(calls).await?;
    equal("handlers cut off", claims.probe.cut_off(), 0)?;
    let completed = claims.store.until_answered(StoreCall::Complete, calls);
    completed.await?;
    claims.gets("hold", 200).await?;
    claims.has_calls(calls)
}
