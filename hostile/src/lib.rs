//! What the tests of this package share: a client that sends exactly the bytes it
//! is given, and servers that wait for it.
//!
//! The tests are the point; see `README.md`.
#![forbid(unsafe_code)]
// A test's helper fails by a panic. Nothing here serves a request.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod client;
mod delivery;
mod lingering;
mod process;
mod server;

pub use client::{Answer, Connection, End};
pub use delivery::Delivery;
pub use process::{Framework, Receiver, Usage};
pub use server::{ActixServer, AxumServer};
