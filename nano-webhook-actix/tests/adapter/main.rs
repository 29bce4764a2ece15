//! What only actix-web has: extractors that share a verification, configurations in
//! `app_data`, other middleware, and the order of a shutdown. The protocol, the HTTP
//! contract and the contract of claims are tested in `contract.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod answers;
mod compose;
mod config;
mod extract;
mod outcomes;
mod sockets;
mod support;
