//! A delivery that arrives while the same is being handled.

use std::time::Duration;

use futures_util::future::try_join_all;
use nano_webhook_core::dedupe::DedupeBuilder;
use nano_webhook_test_kit::{SignedRequest, StoreCall};

use crate::answers::{has_status, retry_after};
use crate::table::{Table, equal};
use crate::target::Target;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    table.claims("being handled: 503 until it is, then 200", async |claims| {
        let mut first = claims.begin("hold", 1).await?;
        for _ in 0..3 {
            claims.gets_in_progress("hold").await?;
        }
        claims.probe.let_go();
        has_status(&first.receive().await?, 200)?;
        claims.gets("hold", 200).await?;
        claims.has_calls(1)
    });
    let name = "being handled: come back when the lease has run out, rounded up";
    // So long that it is not renewed meanwhile, however loaded the machine.
    let lease = |dedupe: DedupeBuilder| dedupe.lease(Duration::from_secs(3600));
    table.claims_with(name, lease, async |claims| {
        let _first = claims.begin("hold", 1).await?;
        claims.store.advance(Duration::from_millis(4700));
        let seconds = claims.gets_in_progress("hold").await?;
        equal("Retry-After for 3595.3 s", seconds, 3596)
    });
    table.claims("being handled: the connection is kept", async |claims| {
        let _first = claims.begin("hold", 1).await?;
        let hold = SignedRequest::for_task("hold").whole();
        let (mut second, answer) = claims.ask(&hold).await?;
        claims.rejected(&answer, "in_progress")?;
        let other = SignedRequest::for_task("other").whole();
        has_status(&second.exchange(&other).await?, 200)
    });
    table.claims("being handled: over HTTP/2", async |claims| {
        let mut connection = claims.http2().await?;
        let request = SignedRequest::for_task("hold");
        let mut first = connection.begin(&request).await?;
        first.send(&request.body, true).await?;
        claims.probe.until_begun(1).await?;
        let answer = connection.exchange(&request).await?;
        claims.rejected(&answer, "in_progress")?;
        retry_after(&answer)?;
        claims.probe.let_go();
        has_status(&first.answer().await?, 200)?;
        has_status(&connection.exchange(&request).await?, 200)?;
        claims.has_calls(1)
    });
    table.claims("being handled: other tasks are handled", async |claims| {
        let _first = claims.begin("hold", 1).await?;
        for task in ["a", "b", "c"] {
            claims.gets(task, 200).await?;
        }
        claims.has_calls(4)
    });
    table.claims("of many at once, one is handled", async |claims| {
        let deliveries = (0..32).map(async |_| {
            let answer = claims.deliver("hold").await?;
            if answer.status != 200 {
                claims.rejected(&answer, "in_progress")?;
            }
            Ok::<_, String>(usize::from(answer.status == 200))
        });
        let open = async {
            claims.store.until_answered(StoreCall::Claim, 32).await?;
            claims.probe.let_go();
            Ok(())
        };
        let (handled, ()) = tokio::try_join!(try_join_all(deliveries), open)?;
        equal("answered 200", handled.into_iter().sum::<usize>(), 1)?;
        claims.has_calls(1)
    });
    table.claims("no handler is called before the claim", async |claims| {
        let mut first = claims.held_at(StoreCall::Claim, "task").await?;
        claims.has_calls(0)?;
        claims.store.hold(&[]);
        has_status(&first.receive().await?, 200)?;
        claims.has_calls(1)
    });
}
