//! The store against real Redis servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod cluster;
mod contract;
mod eviction;
mod network;
mod outages;
mod secrets;
mod support;
mod tls;
mod wire;
