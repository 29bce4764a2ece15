//! A receiver whose handler takes effect exactly once.
//!
//! `account.rs` has the handler's transaction, `outbox.rs` sends what that wrote for
//! the outside world, `database.rs` has what differs between SQLite and Postgres.

mod account;
mod database;
mod outbox;

use std::env;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::routing::post;
use axum::{Extension, Router};
use nano_webhook_axum::{Dedupe, Secret, Verifier, WebhookLayer};
use tokio::sync::Notify;
use tracing_subscriber::EnvFilter;

use crate::account::Account;
use crate::database::Database;

/// Replicas of one service share it; services must not.
const NAMESPACE: &str = "nano-webhook/examples/exactly-once";

/// After a process has died, its deliveries wait for this long.
const LEASE: Duration = Duration::from_secs(5);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
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
    let setting = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let verifier = Verifier::new(Secret::from_env("NANO_WEBHOOK_SECRET")?);
    let url = setting("NANO_WEBHOOK_DATABASE_URL", "sqlite:webhooks.db");
    let database = Database::open(&url).await?;

    let dedupe = Dedupe::builder(database.store(), NAMESPACE)
        .lease(LEASE)
        .build()?;
    let webhooks = WebhookLayer::new(verifier).dedupe(dedupe.clone());
    let written = Arc::new(Notify::new());
    let account = Account::new(database.clone(), Arc::clone(&written));
    let app = Router::new()
        .route("/webhook", post(account::on_event).layer(webhooks))
        .layer(Extension(account));

    let listener = setting("NANO_WEBHOOK_ADDR", "127.0.0.1:3000");
    let listener = tokio::net::TcpListener::bind(listener).await?;
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "listening on http://{address}/webhook")?;

    let sending = tokio::spawn(outbox::send(database, written));
    // In production, serve as `examples/axum-receiver` does, with a time limit for
    // request heads.
    axum::serve(listener, app)
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    dedupe.drained().await;
    sending.abort();
    Ok(())
}
