//! The vectors and the HTTP contract, run against any receiver.
//!
//! A framework's tests say how to start a server ([`Target`]). All requests and all
//! expected answers are in this crate, so a new row is tested for every adapter.
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
mod contract;
mod event_json;
mod probe;
mod receiver;
mod runs;
mod settings;
mod table;
mod target;
mod trial;
mod vectors;

pub use claims::run_dedupe_contract;
pub use contract::run_contract;
pub use event_json::event_json;
pub use nano_webhook_test_kit::{Connection, Response, SignedRequest};
pub use probe::Probe;
pub use receiver::run_receiver_contract;
pub use runs::{run_vectors_in_core, run_vectors_over_http};
pub use settings::{Settings, TestClock};
pub use target::{Server, Target};
pub use vectors::{Expectation, Options, Vector};
