//! Clients that do not wait for their answer.

use tokio::time::timeout;

use super::Claims;
use crate::answers::has_status;
use crate::table::{Check, Table};
use crate::target::Target;
use nano_webhook_test_kit::{PATIENCE, SignedRequest, StoreCall};

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    table.claims("the handler outlives its client", async |claims| {
        let mut connection = claims.connect().await?;
        let request = SignedRequest::for_task("hold");
        connection.send(&request.whole()).await;
        claims.probe.until_begun(1).await?;
        connection.reset();
        goes_on(claims).await
    });
    table.claims(
        "the handler outlives its client, who closes",
        async |claims| {
            let mut connection = claims.connect().await?;
            let request = SignedRequest::for_task("hold");
            connection.send(&request.whole()).await;
            claims.probe.until_begun(1).await?;
            drop(connection);
            goes_on(claims).await
        },
    );
    table.claims("the handler outlives its stream", async |claims| {
        let mut connection = claims.http2().await?;
        let request = SignedRequest::for_task("hold");
        let mut stream = connection.begin(&request).await?;
        stream.send(&request.body, true).await?;
        claims.probe.until_begun(1).await?;
        stream.reset();
        // What comes after it on the connection is read after it.
        has_status(
            &connection.exchange(&SignedRequest::for_task("b")).await?,
            200,
        )?;
        claims.has_calls(2)?;
        finish(claims, 2).await
    });
    table.claims(
        "the client hangs up before the claim is had",
        async |claims| {
            claims.store.hold(&[StoreCall::Claim]);
            let mut connection = claims.connect().await?;
            connection
                .send(&SignedRequest::for_task("task").whole())
                .await;
            claims.store.until_asked(StoreCall::Claim, 1).await?;
            connection.reset();
            claims.store.hold(&[]);
            claims.store.until_answered(StoreCall::Complete, 1).await?;
            claims.gets("task", 200).await?;
            claims.has_calls(1)
        },
    );
    table.claims(
        "what is in flight is counted, and drained",
        async |claims| {
            let mut connection = claims.connect().await?;
            connection
                .send(&SignedRequest::for_task("hold").whole())
                .await;
            claims.probe.until_begun(1).await?;
            let count = claims.dedupe.in_flight();
            if count != 1 {
                return Err(format!("{count} in flight, while one is handled"));
            }
            connection.reset();
            claims.gets_in_progress("hold").await?;
            claims.probe.let_go();
            timeout(PATIENCE, claims.dedupe.drained())
                .await
                .map_err(|_| "never drained".to_owned())?;
            claims.gets("hold", 200).await?;
            claims.has_calls(1)
        },
    );
}

async fn goes_on(claims: &Claims) -> Check {
    // The server sees the end of a connection no later than what comes after it
    // on others; so these give it every occasion to drop the handler.
    for _ in 0..10 {
        claims.gets_in_progress("hold").await?;
    }
    claims.has_calls(1)?;
    finish(claims, 1).await
}

/// The handler comes to its end, and its claim with it.
async fn finish(claims: &Claims, calls: usize) -> Check {
    claims.probe.let_go();
    claims.probe.until_ended(calls).await?;
    if claims.probe.cut_off() != 0 {
        return Err("the handler was cut off".to_owned());
    }
    claims
        .store
        .until_answered(StoreCall::Complete, calls)
        .await?;
    claims.gets("hold", 200).await?;
    claims.has_calls(calls)
}
