#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod builder;
mod error;
mod eviction;
mod link;
mod record;
mod redaction;
mod refusal;
mod script;
mod socket;
mod store;
#[cfg(feature = "tls")]
mod tls;

pub use builder::RedisStoreBuilder;
pub use error::RedisStoreError;
pub use store::RedisStore;

/// The client that this crate is built on, for your own connections.
pub use redis;
