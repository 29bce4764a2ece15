//! What the tests share.

mod cluster;

use std::time::Duration;

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore as _, DeliveryId, OwnerToken, Ownership, StoreError, Terms,
};
use nano_webhook_redis::{RedisStore, RedisStoreBuilder, redis};

pub(crate) use cluster::Cluster;
pub(crate) use nano_webhook_test_kit::{Fault, PATIENCE, Proxy, RedisServer, poll};

pub(crate) const TERMS: Terms = Terms {
    lease: Duration::from_secs(600),
    retention: Duration::from_secs(3600),
};

pub(crate) const BODY: BodyDigest = BodyDigest::from_bytes([0xb0; 16]);

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
    let claim = async || store.claim(id(number), BODY, owner, TERMS).await;
    poll(claim, Result::is_ok).await.unwrap()
}

/// Owner 1 claims and completes.
pub(crate) async fn handle(store: &RedisStore, number: u8) {
    assert_eq!(claim(store, number).await.unwrap(), acquired(1));
    let held = store.complete(id(number), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
}

/// Moves every record into the past.
const AGE: &str = "
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left == -1 then
    return redis.error_reply('ENDLESS a key without an end')
  end
  local value = redis.call('GET', key)
  local before, since, after = string.match(value, '^(leased %S+ %d+) (%d+) (.*)$')
  if since then
    value = string.format('%s %.0f %s', before, since - ARGV[1], after)
  end
  redis.call('SET', key, value)
  redis.call('PEXPIRE', key, string.format('%.0f', left - ARGV[1] / 1000))
end
return 1
";

/// Lets time pass for every record on a server, so that no test waits, and leases are
/// far longer than a loaded machine takes for a test.
pub(crate) async fn age(server: &RedisServer, by: Duration) {
    let by = by.as_micros().to_string();
    assert_eq!(server.command(&["EVAL", AGE, "0", &by]).await, ":1\r\n");
}
