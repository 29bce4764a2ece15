//! What the tests share, each thing once: a raw HTTP client ([`Connection`]), a
//! process launcher ([`Process`]) for receivers, Redis and Postgres, a [`Proxy`] that can
//! be told to fail, a log capture ([`LogCapture`]), a store whose
//! answers a test controls ([`TestStore`]), and an [`oracle`].
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test helper fails by panicking"
)]

#[cfg(feature = "net")]
mod environment;
#[cfg(feature = "net")]
mod http;
#[cfg(feature = "net")]
mod log;
pub mod oracle;
#[cfg(feature = "net")]
mod postgres;
#[cfg(feature = "net")]
mod process;
#[cfg(feature = "net")]
mod proxy;
#[cfg(feature = "net")]
mod receiver;
#[cfg(feature = "net")]
mod redis;
#[cfg(feature = "net")]
mod request;
#[cfg(feature = "net")]
mod store;

#[cfg(feature = "net")]
pub use self::{
    environment::{number, seed},
    http::{Connection, End, PATIENCE, Response},
    log::LogCapture,
    postgres::PostgresServer,
    process::{Process, Usage, command},
    proxy::{Fault, Proxy, ProxyState},
    receiver::{Framework, Receiver},
    redis::RedisServer,
    request::SignedRequest,
    store::{StoreCall, TestStore},
};
