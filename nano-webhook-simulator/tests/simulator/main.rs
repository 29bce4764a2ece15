//! The simulator over real sockets: its API, its deliveries, its end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod api;
mod control;
mod deliver;
mod receiver;
mod secrecy;
mod shutdown;
mod state_file;

use std::time::Duration;

use nano_webhook_simulator::{Secret, Simulator, SimulatorBuilder};

const SECRET: &str = "whsec-a-secret-of-these-tests";
const KEY: &str = "api-key-of-these-tests";
const BOTH: [&str; 2] = ["job.completed", "job.failed"];

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

/// Without waits between attempts, and with time-outs that only a hung test
/// reaches.
fn simulator() -> SimulatorBuilder {
    Simulator::builder()
        .backoff(Duration::ZERO, Duration::ZERO)
        .delivery_timeout(Duration::from_secs(60))
        .shutdown_grace(Duration::from_secs(60))
}
