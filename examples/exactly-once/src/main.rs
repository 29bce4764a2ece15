//! A receiver whose handler takes effect exactly once.
//!
//! `account.rs` has the handler's transaction, `outbox.rs` sends what that wrote for
//! the outside world, `database.rs` has what differs between SQLite and Postgres.

mod account;
mod database;
mod outbox;
#[path = "../../axum-receiver/src/serve.rs"]
mod serve;

use std::env;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::routing::post;
use axum::{Extension, Router};
use nano_webhook_axum::{Dedupe, WebhookLayer};
use receiver_settings::{BoxError, Settings};
use tokio::sync::Notify;

use crate::account::Account;
use crate::database::Database;

/// Replicas of one service share it; services must not.
const NAMESPACE: &str = "nano-webhook/examples/exactly-once";

/// After a process has died, its deliveries wait for this long.
const LEASE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    receiver_settings::run(run()).await
}

async fn run() -> Result<(), BoxError> {
    let url = env::var("NANO_WEBHOOK_DATABASE_URL");
    let database = Database::open(url.as_deref().unwrap_or("sqlite:webhooks.db")).await?;
    let dedupe = Dedupe::builder(database.store(), NAMESPACE)
        .lease(LEASE)
        .build()?;
    let settings = Settings::with_dedupe(dedupe)?;
    let webhooks = WebhookLayer::new(settings.verifier.clone()).dedupe(settings.dedupe.clone());
    let written = Arc::new(Notify::new());
    let account = Account::new(database.clone(), Arc::clone(&written));
    let app = Router::new()
        .route("/webhook", post(account::on_event).layer(webhooks))
        .layer(Extension(account));

    let listener = settings.listen().await?;
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "listening on http://{address}/webhook")?;

    // What is not sent at the shutdown is sent after the next start.
    tokio::spawn(outbox::send(database, written));
    serve::serve(listener, app, settings).await
}
