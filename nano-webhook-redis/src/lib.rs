#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod builder;
mod error;
mod eviction;
mod link;
mod reconnecting;
mod redaction;
mod refusal;
mod script;
mod socket;
mod store;

pub use builder::RedisStoreBuilder;
pub use error::RedisStoreError;
pub use store::RedisStore;

/// The client crate, whose types this crate's API uses.
pub use redis;
