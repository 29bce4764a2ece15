//! A delivery that arrives while the same is being handled.

use std::time::Duration;

use futures_util::future::try_join_all;

use crate::answers::{has_status, retry_after};
use crate::settings::Settings;
use crate::table::Table;
use crate::target::Target;
use nano_webhook_test_kit::SignedRequest;
use nano_webhook_test_kit::StoreCall;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    table.claims("being handled: 503 until it is, then 200", async |claims| {
        let mut first = claims.connect().await?;
        first.send(&SignedRequest::for_task("hold").whole()).await;
        claims.probe.until_begun(1).await?;
        for _ in 0..3 {
            claims.gets_in_progress("hold").await?;
        }
        claims.probe.let_go();
        has_status(&first.receive().await?, 200)?;
        claims.gets("hold", 200).await?;
        claims.has_calls(1)
    });
    table.claims_with(
        "being handled: come back when the lease has run out, rounded up",
        Settings::default(),
        // So long that it is not renewed meanwhile, however loaded the machine.
        |dedupe| dedupe.lease(Duration::from_secs(3600)),
        async |claims| {
            let mut first = claims.connect().await?;
            first.send(&SignedRequest::for_task("hold").whole()).await;
            claims.probe.until_begun(1).await?;
            claims.store.advance(Duration::from_millis(4700));
            match claims.gets_in_progress("hold").await? {
                3596 => Ok(()),
                other => Err(format!("3595.3 s are left, and Retry-After is {other}")),
            }
        },
    );
    table.claims("being handled: the connection is kept", async |claims| {
        let mut first = claims.connect().await?;
        first.send(&SignedRequest::for_task("hold").whole()).await;
        claims.probe.until_begun(1).await?;
        let mut second = claims.connect().await?;
        let answer = second
            .exchange(&SignedRequest::for_task("hold").whole())
            .await?;
        claims.refused_on_http1(&answer, "in_progress")?;
        let answer = second
            .exchange(&SignedRequest::for_task("other").whole())
            .await?;
        has_status(&answer, 200)
    });
    table.claims("being handled: over HTTP/2", async |claims| {
        let mut connection = claims.http2().await?;
        let request = SignedRequest::for_task("hold");
        let mut first = connection.begin(&request).await?;
        first.send(&request.body, true).await?;
        claims.probe.until_begun(1).await?;
        let answer = connection.exchange(&request).await?;
        claims.refused(&answer, "in_progress")?;
        retry_after(&answer)?;
        claims.probe.let_go();
        has_status(&first.answer().await?, 200)?;
        has_status(&connection.exchange(&request).await?, 200)?;
        claims.has_calls(1)
    });
    table.claims(
        "being handled: other tasks are handled beside it",
        async |claims| {
            let mut first = claims.connect().await?;
            first.send(&SignedRequest::for_task("hold").whole()).await;
            claims.probe.until_begun(1).await?;
            for task in ["a", "b", "c"] {
                claims.gets(task, 200).await?;
            }
            claims.has_calls(4)
        },
    );
    table.claims("of many at once, one is handled", async |claims| {
        let deliveries = (0..32).map(async |_| {
            let answer = claims.deliver("hold").await?;
            match answer.status {
                200 => Ok(true),
                _ => claims
                    .refused_on_http1(&answer, "in_progress")
                    .map(|()| false),
            }
        });
        let open = async {
            claims.store.until_answered(StoreCall::Claim, 32).await?;
            claims.probe.let_go();
            Ok::<(), String>(())
        };
        let (handled, opened) = tokio::join!(try_join_all(deliveries), open);
        opened?;
        let handled = handled?.into_iter().filter(|handled| *handled).count();
        if handled != 1 {
            return Err(format!("{handled} were answered 200"));
        }
        claims.has_calls(1)
    });
    table.claims(
        "no handler is called before the claim is had",
        async |claims| {
            claims.store.hold(&[StoreCall::Claim]);
            let mut first = claims.connect().await?;
            first.send(&SignedRequest::for_task("task").whole()).await;
            claims.store.until_asked(StoreCall::Claim, 1).await?;
            claims.has_calls(0)?;
            claims.store.hold(&[]);
            has_status(&first.receive().await?, 200)?;
            claims.has_calls(1)
        },
    );
}
