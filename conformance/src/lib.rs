//! The vectors and the HTTP contract, run against any receiver.
//!
//! A framework's tests say how to start a server ([`Target`]); everything that is
//! sent and everything that must come back stands here, once. So a new row is
//! tested for every adapter, and no adapter can have an opinion of its own.
//!
//! - [`run_vectors_in_core`] and [`run_vectors_over_http`]: `vectors/*.json`;
//! - [`run_contract`]: what vectors cannot say, over raw sockets: early answers,
//!   deadlines, broken bodies, connections that go on or are closed;
//! - [`run_dedupe_contract`]: claims, duplicates, and clients that hang up;
//! - [`run_receiver_contract`]: the receiver examples, as processes.
//!
//! Each collects all that differs and panics at the end with the list.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test helper fails by panicking"
)]

mod answers;
mod claims;
mod clock;
mod contract;
mod core_vectors;
mod event_json;
mod http2;
mod http_vectors;
mod probe;
mod receiver;
mod settings;
mod table;
mod target;
mod trial;
mod vectors;
mod way;

pub use claims::run_dedupe_contract;
pub use clock::TestClock;
pub use contract::run_contract;
pub use core_vectors::run_vectors_in_core;
pub use event_json::event_json;
pub use http_vectors::run_vectors_over_http;
pub use nano_webhook_test_kit::{Connection, Response, SignedRequest};
pub use probe::Probe;
pub use receiver::run_receiver_contract;
pub use settings::Settings;
pub use target::{Server, Target};
pub use vectors::{Expectation, HeaderValue, Options, Vector, vectors};
