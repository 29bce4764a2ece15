//! Servers in this process, for tests that look into them. The tests are the point;
//! see `README.md`.
#![allow(clippy::unwrap_used, reason = "a test helper fails by panicking")]

mod server;

pub use server::{ActixServer, AxumServer};
