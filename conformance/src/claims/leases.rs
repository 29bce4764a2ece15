//! Leases that run out, and those that must not.

use std::time::Duration;

use nano_webhook_core::dedupe::DedupeBuilder;

use crate::answers::has_status;
use crate::settings::Settings;
use crate::table::Table;
use crate::target::Target;
use nano_webhook_test_kit::SignedRequest;
use nano_webhook_test_kit::StoreCall;

/// Longer than the default lease.
const LEASE: Duration = Duration::from_secs(31);

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    table.claims("a lease that has run out is taken over", async |claims| {
        let mut first = claims.connect().await?;
        first.send(&SignedRequest::for_task("hold").whole()).await;
        claims.probe.until_begun(1).await?;
        claims.store.advance(LEASE);
        let mut second = claims.connect().await?;
        second.send(&SignedRequest::for_task("hold").whole()).await;
        claims.probe.until_begun(2).await?;
        claims.gets_in_progress("hold").await?;
        claims.probe.let_go();
        claims.probe.let_go();
        has_status(&first.receive().await?, 200)?;
        has_status(&second.receive().await?, 200)?;
        claims.gets("hold", 200).await?;
        claims.has_calls(2)
    });
    table.claims_with(
        "a lease that has run out is parked, where that was chosen, until it is released",
        Settings::default(),
        DedupeBuilder::park,
        async |claims| {
            let request = SignedRequest::for_task("hold");
            let mut first = claims.connect().await?;
            first.send(&request.whole()).await;
            claims.probe.until_begun(1).await?;
            claims.store.advance(LEASE);
            for _ in 0..2 {
                let answer = claims.deliver("hold").await?;
                claims.refused_on_http1(&answer, "parked")?;
                claims.store.advance(LEASE);
            }
            claims.has_calls(1)?;
            let delivery = Settings::default()
                .verifier()
                .verify(&request.headers, request.body.clone(), Settings::NOW)
                .map_err(|error| error.to_string())?;
            let id = claims.dedupe.delivery_id(&delivery);
            for parked in [true, false] {
                match claims.dedupe.release_parked(id).await {
                    Ok(released) if released == parked => {}
                    answer => return Err(format!("release_parked says {answer:?}")),
                }
            }
            let mut second = claims.connect().await?;
            second.send(&request.whole()).await;
            claims.probe.until_begun(2).await?;
            claims.probe.let_go();
            claims.probe.let_go();
            has_status(&second.receive().await?, 200)
        },
    );
    table.claims(
        "a lease that has run out is completed by its holder, if no other took over",
        async |claims| {
            let mut first = claims.connect().await?;
            first.send(&SignedRequest::for_task("hold").whole()).await;
            claims.probe.until_begun(1).await?;
            claims.store.advance(LEASE);
            claims.probe.let_go();
            has_status(&first.receive().await?, 200)?;
            claims.gets("hold", 200).await?;
            claims.has_calls(1)
        },
    );
    table.claims(
        "one that comes back late does not release its successor's claim",
        async |claims| {
            // The first call, and so the one that is told to fail.
            let mut first = claims.connect().await?;
            claims.store.hold(&[StoreCall::Release]);
            first.send(&SignedRequest::for_task("fail").whole()).await;
            claims.store.until_asked(StoreCall::Release, 1).await?;
            // Released in fact, though its holder does not know it yet.
            let mut second = claims.connect().await?;
            second.send(&SignedRequest::for_task("fail").whole()).await;
            has_status(&second.receive().await?, 200)?;
            claims.store.hold(&[]);
            has_status(&first.receive().await?, 500)?;
            claims.gets("fail", 200).await?;
            claims.has_calls(2)
        },
    );
    table.claims_with(
        "a lease is renewed while its handler lives",
        Settings::default(),
        |dedupe| dedupe.lease(Duration::from_millis(600)),
        async |claims| {
            let mut first = claims.connect().await?;
            first.send(&SignedRequest::for_task("hold").whole()).await;
            claims.probe.until_begun(1).await?;
            for _ in 0..3 {
                let renewals = claims.store.asked(StoreCall::Renew);
                // On the store's clock: twice that, and it would have run out.
                claims.store.advance(Duration::from_millis(400));
                claims.gets_in_progress("hold").await?;
                // One that began after that.
                claims
                    .store
                    .until_answered(StoreCall::Renew, renewals + 2)
                    .await?;
            }
            claims.probe.let_go();
            has_status(&first.receive().await?, 200)?;
            claims.gets("hold", 200).await?;
            claims.has_calls(1)
        },
    );
    table.claims(
        "a completion is remembered, and then forgotten",
        async |claims| {
            let hour = Duration::from_secs(3600);
            claims.gets("task", 200).await?;
            claims.store.advance(71 * hour);
            claims.gets("task", 200).await?;
            claims.has_calls(1)?;
            claims.store.advance(2 * hour);
            claims.gets("task", 200).await?;
            claims.has_calls(2)
        },
    );
}
