//! What the tests share.

mod aging;
mod cluster;

use std::time::{Duration, Instant};

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore as _, DeliveryId, OwnerToken, Ownership, StoreError, Terms,
};
use nano_webhook_redis::{RedisStore, RedisStoreBuilder, redis};

pub(crate) use aging::age;
pub(crate) use cluster::Cluster;
pub(crate) use nano_webhook_test_kit::{Fault, Proxy, RedisServer};

pub(crate) const TERMS: Terms = Terms {
    lease: Duration::from_secs(600),
    retention: Duration::from_secs(3600),
};

pub(crate) const BODY: BodyDigest = BodyDigest::from_bytes([0xb0; 16]);

/// A bound for what ends by itself, on a machine under any load.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// For tests that are not about a slow server.
pub(crate) fn builder() -> RedisStoreBuilder {
    RedisStore::builder().response_timeout(PATIENCE)
}

/// For servers that do not answer. A loaded server may fail to answer too, so a
/// test that needs an answer calls [`claim_in_the_end`].
pub(crate) fn impatient() -> RedisStoreBuilder {
    RedisStore::builder().response_timeout(Duration::from_millis(200))
}

pub(crate) fn url(proxy: &Proxy) -> String {
    format!("redis://{}", proxy.address())
}

pub(crate) fn client(url: &str) -> redis::Client {
    redis::Client::open(url).unwrap()
}

/// Id 0 is the sample that `connect` claims.
pub(crate) fn id(number: u8) -> DeliveryId {
    DeliveryId::from_bytes([number; 32])
}

pub(crate) fn owner(number: u8) -> OwnerToken {
    OwnerToken::from_bytes([number; 16])
}

pub(crate) const fn acquired(attempt: u64) -> Claim {
    Claim::Acquired {
        attempt,
        taken_over: false,
    }
}

/// Owner 1 claims.
pub(crate) async fn claim(store: &RedisStore, number: u8) -> Result<Claim, StoreError> {
    store.claim(id(number), BODY, owner(1), TERMS).await
}

/// Claims until the store answers.
pub(crate) async fn claim_in_the_end(store: &RedisStore, number: u8, owner: OwnerToken) -> Claim {
    let begun = Instant::now();
    loop {
        match store.claim(id(number), BODY, owner, TERMS).await {
            Ok(claim) => return claim,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "still {error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Owner 1 claims and completes.
pub(crate) async fn handle(store: &RedisStore, number: u8) {
    assert_eq!(claim(store, number).await.unwrap(), acquired(1));
    let held = store.complete(id(number), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
}
