//! The simulator over real sockets: its API, its deliveries, its shutdown.
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
mod limits;
mod receiver;
mod retries;
mod secrecy;
mod shutdown;

use std::time::Duration;

use nano_webhook_simulator::{
    Job, JobReport, RunningSimulator, Secret, Simulator, SimulatorBuilder,
};

const SECRET: &str = "whsec-a-secret-of-these-tests";
const KEY: &str = "api-key-of-these-tests";
const BOTH: [&str; 2] = ["job.completed", "job.failed"];

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

fn key() -> Secret {
    Secret::new(KEY).unwrap()
}

/// Without waits between attempts, and with timeouts that only a hung test
/// reaches.
fn settings() -> SimulatorBuilder {
    Simulator::builder()
        .backoff(Duration::ZERO, Duration::ZERO)
        .delivery_timeout(Duration::from_secs(60))
        .shutdown_grace(Duration::from_secs(60))
}

async fn start(settings: SimulatorBuilder) -> RunningSimulator {
    settings.start("127.0.0.1:0").await.unwrap()
}

/// Registers a webhook for both events, and returns its id.
async fn register(simulator: &RunningSimulator, url: &str) -> u64 {
    let registered = simulator.register(url, BOTH, Some(secret())).await;
    registered.unwrap().id
}

/// Ends a job and waits for its deliveries.
async fn deliver(simulator: &RunningSimulator, job: Job) -> JobReport {
    simulator.trigger(job).await.unwrap().finished().await
}
