//! What the handler's answer makes of a claim.

use nano_webhook_test_kit::{SignedRequest, StoreCall};

use crate::answers::has_status;
use crate::table::Table;
use crate::target::Target;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    let completes = [200, 201, 202, 204, 206].map(|status| (status, 1));
    let releases = [302, 400, 401, 404, 409, 410, 429, 500, 503].map(|status| (status, 2));
    for (status, calls) in completes.into_iter().chain(releases) {
        let name = format!("{status}: the next is call {calls}");
        table.claims(name, async move |claims| {
            let task = format!("answer-{status}");
            claims.gets(&task, status).await?;
            for _ in 0..2 {
                claims.gets(&task, 200).await?;
                claims.has_calls(calls)?;
            }
            Ok(())
        });
    }
    table.claims("a panic releases: the next is handled", async |claims| {
        let request = SignedRequest::for_task("panic").whole();
        let (mut connection, answer) = claims.ask(&request).await?;
        claims.rejected(&answer, "handler_failed")?;
        has_status(&connection.exchange(&request).await?, 200)?;
        claims.has_calls(2)
    });
    table.claims("a panic ends its own stream only", async |claims| {
        let mut connection = claims.http2().await?;
        let [panics, held] = ["panic", "hold"].map(SignedRequest::for_task);
        let mut first = connection.begin(&panics).await?;
        let mut second = connection.begin(&held).await?;
        first.send(&panics.body, true).await?;
        claims.rejected(&first.answer().await?, "handler_failed")?;
        second.send(&held.body, true).await?;
        claims.probe.until_begun(2).await?;
        claims.probe.let_go();
        has_status(&second.answer().await?, 200)
    });
    table.claims("a duplicate keeps the connection", async |claims| {
        let mut connection = claims.connect().await?;
        for _ in 0..3 {
            let request = SignedRequest::for_task("again").whole();
            has_status(&connection.exchange(&request).await?, 200)?;
        }
        claims.has_calls(1)
    });
    table.claims("a completion counts before its answer", async |claims| {
        let mut first = claims.held_at(StoreCall::Complete, "task").await?;
        claims.gets("task", 200).await?;
        claims.has_calls(1)?;
        claims.store.hold(&[]);
        has_status(&first.receive().await?, 200)
    });
}
