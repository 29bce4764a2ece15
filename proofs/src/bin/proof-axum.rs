//! The receiver of the proofs, on axum.

use std::io::Write as _;

use axum::extract::Extension;
use axum::http::StatusCode;
use axum::routing::post;
use nano_webhook_axum::{Webhook, WebhookLayer};
use nano_webhook_core::dedupe::LeaseHandle;
use proofs::{Evidence, Settings, handle};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::from_env().await?;
    let layer = WebhookLayer::new(settings.verifier).dedupe(settings.dedupe)?;
    let app = axum::Router::new()
        .route("/webhook", post(on_event).layer(layer))
        .layer(Extension(settings.evidence));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn on_event(
    Webhook(event): Webhook,
    Extension(evidence): Extension<Evidence>,
    lease: Option<Extension<LeaseHandle>>,
) -> StatusCode {
    let lease = lease.map(|Extension(lease)| lease);
    match handle(&evidence, &event, lease.as_ref()).await {
        Ok(status) => StatusCode::from_u16(status).unwrap_or_default(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
