//! What the handler's answer makes of a claim.

use crate::answers::has_status;
use crate::table::Table;
use crate::target::Target;
use nano_webhook_test_kit::SignedRequest;
use nano_webhook_test_kit::StoreCall;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    for status in [200, 201, 202, 204, 206] {
        table.claims(
            format!("{status} completes: the next is a duplicate"),
            async move |claims| {
                let task = format!("answer-{status}");
                claims.gets(&task, status).await?;
                claims.gets(&task, 200).await?;
                claims.gets(&task, 200).await?;
                claims.has_calls(1)
            },
        );
    }
    for status in [302, 400, 401, 404, 409, 410, 429, 500, 503] {
        table.claims(
            format!("{status} releases: the next is handled"),
            async move |claims| {
                let task = format!("answer-{status}");
                claims.gets(&task, status).await?;
                claims.gets(&task, 200).await?;
                claims.has_calls(2)?;
                claims.gets(&task, 200).await?;
                claims.has_calls(2)
            },
        );
    }
    table.claims("a panic releases: the next is handled", async |claims| {
        let request = SignedRequest::for_task("panic").whole();
        let mut connection = claims.connect().await?;
        let answer = connection.exchange(&request).await?;
        claims.refused_on_http1(&answer, "handler_failed")?;
        has_status(&connection.exchange(&request).await?, 200)?;
        claims.has_calls(2)
    });
    table.claims("a panic ends its own stream only", async |claims| {
        let mut connection = claims.http2().await?;
        let (panics, held) = (
            SignedRequest::for_task("panic"),
            SignedRequest::for_task("hold"),
        );
        let mut first = connection.begin(&panics).await?;
        let mut second = connection.begin(&held).await?;
        first.send(&panics.body, true).await?;
        claims.refused(&first.answer().await?, "handler_failed")?;
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
    table.claims("a duplicate over HTTP/2", async |claims| {
        let mut connection = claims.http2().await?;
        for _ in 0..3 {
            let request = SignedRequest::for_task("again");
            has_status(&connection.exchange(&request).await?, 200)?;
        }
        claims.has_calls(1)
    });
    table.claims(
        "a completion counts before its answer is there",
        async |claims| {
            claims.store.hold(&[StoreCall::Complete]);
            let mut first = claims.connect().await?;
            first.send(&SignedRequest::for_task("task").whole()).await;
            claims.store.until_asked(StoreCall::Complete, 1).await?;
            claims.gets("task", 200).await?;
            claims.has_calls(1)?;
            claims.store.hold(&[]);
            has_status(&first.receive().await?, 200)
        },
    );
}
