//! Leases that run out, and those that must not.

use std::time::Duration;

use nano_webhook_core::dedupe::DedupeBuilder;
use nano_webhook_test_kit::{SignedRequest, StoreCall};

use crate::answers::has_status;
use crate::settings::Settings;
use crate::table::{Table, equal};
use crate::target::Target;

/// Longer than the default lease.
const LEASE: Duration = Duration::from_secs(31);

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    table.claims("a lease that has run out is taken over", async |claims| {
        let mut first = claims.begin("hold", 1).await?;
        claims.store.advance(LEASE);
        let mut second = claims.begin("hold", 2).await?;
        claims.gets_in_progress("hold").await?;
        claims.probe.let_go();
        claims.probe.let_go();
        has_status(&first.receive().await?, 200)?;
        has_status(&second.receive().await?, 200)?;
        claims.gets("hold", 200).await?;
        claims.has_calls(2)
    });
    let name = "a lease that has run out is parked, where that was chosen, until it is released";
    table.claims_with(name, DedupeBuilder::park, async |claims| {
        let _first = claims.begin("hold", 1).await?;
        claims.store.advance(LEASE);
        for _ in 0..2 {
            let answer = claims.deliver("hold").await?;
            claims.rejected(&answer, "parked")?;
            claims.store.advance(LEASE);
        }
        claims.has_calls(1)?;
        let SignedRequest { headers, body, .. } = SignedRequest::for_task("hold");
        let delivery = Settings::default().verifier();
        let delivery = delivery.verify(&headers, body, Settings::NOW);
        let delivery = delivery.map_err(|error| error.to_string())?;
        let id = claims.dedupe.delivery_id(&delivery);
        for parked in [true, false] {
            let released = claims.dedupe.release_parked(id).await;
            equal("release_parked", released.ok(), Some(parked))?;
        }
        let mut second = claims.begin("hold", 2).await?;
        claims.probe.let_go();
        claims.probe.let_go();
        has_status(&second.receive().await?, 200)
    });
    let name = "a lease that has run out is completed by its holder, if no other took over";
    table.claims(name, async |claims| {
        let mut first = claims.begin("hold", 1).await?;
        claims.store.advance(LEASE);
        claims.probe.let_go();
        has_status(&first.receive().await?, 200)?;
        claims.gets("hold", 200).await?;
        claims.has_calls(1)
    });
    let name = "one that comes back late does not release its successor's claim";
    table.claims(name, async |claims| {
        // The first call, and so the one that is told to fail. Released in fact, though its
        // holder does not know it yet.
        let mut first = claims.held_at(StoreCall::Release, "fail").await?;
        let mut second = claims.send_task("fail").await?;
        has_status(&second.receive().await?, 200)?;
        claims.store.hold(&[]);
        has_status(&first.receive().await?, 500)?;
        claims.gets("fail", 200).await?;
        claims.has_calls(2)
    });
    let name = "a lease is renewed while its handler lives";
    let lease = |dedupe: DedupeBuilder| dedupe.lease(Duration::from_millis(600));
    table.claims_with(name, lease, async |claims| {
        let mut first = claims.begin("hold", 1).await?;
        for _ in 0..3 {
            let renewals = claims.store.asked(StoreCall::Renew);
            // On the store's clock: twice that, and it would have run out.
            claims.store.advance(Duration::from_millis(400));
            claims.gets_in_progress("hold").await?;
            // One that began after that.
            let renewed = claims.store.until_answered(StoreCall::Renew, renewals + 2);
            renewed.await?;
        }
        claims.probe.let_go();
        has_status(&first.receive().await?, 200)?;
        claims.gets("hold", 200).await?;
        claims.has_calls(1)
    });
    table.claims("a completion is remembered for a while", async |claims| {
        let hour = Duration::from_secs(3600);
        for (later, calls) in [(0, 1), (71, 1), (2, 2)] {
            claims.store.advance(later * hour);
            claims.gets("task", 200).await?;
            claims.has_calls(calls)?;
        }
        Ok(())
    });
}
