//! A webhook receiver on axum.
//!
//! `settings.rs` reads the environment, `handler.rs` is what you would replace,
//! `serve.rs` serves with a limit on slow request heads and ends gracefully.

mod handler;
mod serve;
mod settings;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use axum::Router;
use axum::routing::post;
use nano_webhook_axum::WebhookLayer;
use nano_webhook_axum::core::dedupe::{Dedupe, MemoryStore, Namespace};
use nano_webhook_redis::RedisStore;
use tracing_subscriber::EnvFilter;

/// Replicas of one service share it; services must not. Name yours after account,
/// environment and endpoint.
const NAMESPACE: &str = "nano-webhook/examples/receiver";

type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    // Logs go to standard error: standard output is for the deliveries.
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), BoxError> {
    let settings = settings::Settings::from_env()?;
    let store = match settings.redis_url {
        None => Dedupe::new(MemoryStore::default()),
        Some(url) => Dedupe::new(RedisStore::connect(&url, Namespace::new(NAMESPACE)?).await?),
    };
    let webhooks = WebhookLayer::new(settings.verifier).dedupe(store)?;
    let in_flight = webhooks.in_flight();
    // On this route only: another route's requests are not deliveries.
    let app = Router::new().route("/webhook", post(handler::on_event).layer(webhooks));

    let listener = tokio::net::TcpListener::bind(settings.addr).await?;
    let mut stdout = std::io::stdout().lock();
    writeln!(
        stdout,
        "listening on http://{}/webhook",
        listener.local_addr()?
    )?;
    stdout.flush()?;
    drop(stdout);

    serve::serve(listener, app, in_flight).await
}
