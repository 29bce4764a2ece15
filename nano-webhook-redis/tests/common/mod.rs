//! What the tests of the store share.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

#[path = "../support/mod.rs"]
pub mod support;

pub mod aging;
pub mod cluster;
pub mod proxy;

use std::time::Duration;

use nano_webhook_core::dedupe::{Claim, DeliveryId, LeaseToken, Namespace, Terms};
use nano_webhook_redis::{RedisStore, RedisStoreBuilder};

pub const TERMS: Terms = Terms {
    lease: Duration::from_secs(600),
    retention: Duration::from_secs(3600),
};

pub const FIRST: Claim = Claim::Acquired { attempt: 1 };
pub const SECOND: Claim = Claim::Acquired { attempt: 2 };

/// A bound for what should be over at once, on a machine under any load.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn builder() -> RedisStoreBuilder {
    RedisStore::builder(namespace())
        // Tests are not about a slow machine.
        .connect_timeout(PATIENCE)
        .command_timeout(PATIENCE)
}

pub fn namespace() -> Namespace {
    Namespace::new("tests").unwrap()
}

pub fn id(number: u8) -> DeliveryId {
    DeliveryId::from_bytes([number; 32])
}

pub fn owner(number: u8) -> LeaseToken {
    LeaseToken::from_bytes([number; 16])
}
