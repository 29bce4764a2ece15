//! A webhook receiver on actix-web.
//!
//! `settings.rs` reads the environment, `handler.rs` is what you would replace,
//! `serve.rs` serves with a limit on slow request heads and ends gracefully.

mod handler;
mod serve;
mod settings;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use nano_webhook_actix::WebhookMiddleware;
use nano_webhook_actix::core::dedupe::{Dedupe, MemoryStore, Namespace};
use nano_webhook_redis::RedisStore;
use tracing_subscriber::EnvFilter;

/// Replicas of one service share it; services must not. Name yours after account,
/// environment and endpoint.
const NAMESPACE: &str = "nano-webhook/examples/receiver";

type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[actix_web::main]
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
    // Made once, outside of actix's application factory: all workers share it.
    let webhooks = WebhookMiddleware::new(settings.verifier).dedupe(store)?;
    serve::serve(settings.addr, webhooks).await
}
