use std::time::Duration;

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, OwnerToken, Ownership, Terms,
};

use super::super::clock::{Offset, words};
use super::super::kinds;
use super::super::report::Report;

/// Forgotten soon, also if it cannot be removed.
const TERMS: Terms = Terms {
    lease: Duration::from_secs(2),
    retention: Duration::from_secs(2),
};

/// Claims and completes a random id, which no delivery has. Gives it, to be removed.
pub(super) async fn claim_and_complete(
    store: &impl DedupeStore,
    report: &mut Report,
) -> DeliveryId {
    let mut id = [0; 32];
    fastrand::fill(&mut id);
    let id = DeliveryId::from_bytes(id);
    let calls = async {
        let owner = OwnerToken::random()?;
        let claim = store.claim(id, BodyDigest::default(), owner, TERMS).await?;
        let completed = store.complete(id, owner, TERMS).await?;
        Ok(matches!(claim, Claim::Acquired { .. }) && completed == Ownership::Held)
    };
    match calls.await {
        Ok(true) => report.checked("the store"),
        Ok(false) => {
            let seen = "a claim was not kept until its completion";
            report.add(kinds::STORE_REFUSES, seen);
        }
        Err::<_, nano_webhook_core::dedupe::StoreError>(error) => {
            report.add(kinds::STORE_REFUSES, error.to_string());
        }
    }
    id
}

pub(super) fn check_clock(offset: Option<Offset>, report: &mut Report) {
    if let Some(difference) = offset.and_then(Offset::noticeable) {
        let seen = format!("the store's clock is {} this machine's", words(difference));
        report.add(kinds::STORE_CLOCK, seen);
    }
}
