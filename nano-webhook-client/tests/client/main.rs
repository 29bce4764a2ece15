//! The client over real sockets: against the simulator, and against providers
//! that misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod answers;
mod building;
mod ensure;
mod requests;
mod retries;
mod rotate;
#[path = "../scripted/mod.rs"]
mod scripted;
mod secrecy;
mod simulated;

use std::time::Duration;

use nano_webhook_client::{
    Auth, Client, ClientBuilder, EventType, NewWebhook, RetryPolicy, Secret,
};

const KEY: &str = "api-key-of-these-tests";
const SECRET: &str = "whsec-a-secret-of-these-tests";
const URL: &str = "https://your-server.com/webhook";

fn key() -> Secret {
    Secret::new(KEY).unwrap()
}

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

fn wanted() -> NewWebhook {
    NewWebhook::new(URL, EventType::DOCUMENTED, secret())
}

/// Repeats without waiting; its time-outs are reached only by a hung test.
fn builder(base_url: String) -> ClientBuilder {
    Client::builder(base_url, Auth::bearer(key()))
        .timeout(Duration::from_secs(60))
        .connect_timeout(Duration::from_secs(60))
        .retry(hasty())
}

fn hasty() -> RetryPolicy {
    RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO)
}

fn client(base_url: String) -> Client {
    builder(base_url).build().unwrap()
}
