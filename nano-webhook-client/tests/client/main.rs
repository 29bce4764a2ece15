//! The client over real sockets, against providers that behave and misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod answers;
mod building;
mod failures;
mod lists;
mod requests;
mod retries;
mod scripted;
mod secrecy;

use std::time::Duration;

use nano_webhook_client::{
    Auth, Client, ClientBuilder, EventType, NewWebhook, RetryPolicy, Secret,
};

const KEY: &str = "api-key-of-these-tests";
const SECRET: &str = "whsec-a-secret-of-these-tests";
const URL: &str = "https://your-server.com/webhook";
const WEBHOOK: &str = r#"{"id":1,"url":"https://your-server.com/webhook","events":["job.completed","job.failed"],"status":"active"}"#;

fn key() -> Secret {
    Secret::new(KEY).unwrap()
}

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

fn wanted() -> NewWebhook {
    NewWebhook::new(URL, EventType::DOCUMENTED, secret())
}

/// Retries without waiting. Only a test that hangs reaches the timeouts.
fn builder(base_url: String) -> ClientBuilder {
    Client::builder(base_url, Auth::bearer(key()))
        .timeout(Duration::from_secs(60))
        .connect_timeout(Duration::from_secs(60))
        .list_delay(Duration::ZERO)
        .retry(RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO))
}

fn client(base_url: String) -> Client {
    builder(base_url).build().unwrap()
}
