//! A webhook receiver on axum.
//!
//! `on_event` is what you would replace; `serve.rs` serves with what `axum::serve`
//! leaves out, and `health.rs` answers health checks. The settings are in
//! `examples/receiver-settings`.

mod health;
#[cfg(feature = "inspector")]
mod inspect;
mod serve;

use std::io::Write as _;
use std::process::ExitCode;

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::routing::post;
use nano_webhook_axum::{Webhook, WebhookLayer};
use receiver_settings::{BoxError, Settings, print};

#[tokio::main]
async fn main() -> ExitCode {
    receiver_settings::run(run()).await
}

async fn run() -> Result<(), BoxError> {
    let settings = Settings::from_env().await?;
    let webhooks = WebhookLayer::new(settings.verifier.clone()).dedupe(settings.dedupe.clone());
    let admin = settings.listen_admin().await?;
    let listener = settings.listen().await?;
    // On this route only: another route's requests are not deliveries.
    let route = post(on_event).layer(webhooks);
    #[cfg(feature = "inspector")]
    let route = inspect::inspected(route, settings.verifier.clone(), &listener).await?;
    let app = Router::new().route("/webhook", route).fallback(not_found);

    let mut stdout = std::io::stdout();
    writeln!(stdout, "health on http://{}/readyz", admin.local_addr()?)?;
    let address = listener.local_addr()?;
    writeln!(stdout, "listening on http://{address}/webhook")?;
    let health = health::routes(settings.shutdown.clone());
    tokio::spawn(axum::serve(admin, health).into_future());
    serve::serve(listener, app, settings).await
}

/// Answer 200 only when the result is stored where it cannot be lost, because the
/// provider documents no retries.
async fn on_event(Webhook(event): Webhook) -> StatusCode {
    match print(&event) {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            tracing::error!(%error, "a delivery cannot be written; it is released");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// A registered URL with a slash too many is a delivery that is lost.
async fn not_found(uri: Uri) -> StatusCode {
    tracing::warn!(
        path = uri.path(),
        "no such path; check the URL that is registered at the provider"
    );
    StatusCode::NOT_FOUND
}
