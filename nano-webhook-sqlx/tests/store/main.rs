//! The stores against real databases.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing
)]

mod contract;
mod joined;
mod outages;
mod support;
mod tokio_postgres;
mod transactions;
