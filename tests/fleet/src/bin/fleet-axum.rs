//! The receiver on axum.

use std::io::Write as _;

use axum::extract::Extension;
use axum::http::StatusCode;
use axum::routing::post;
use nano_webhook_axum::{LeaseHandle, Webhook, WebhookLayer};
use nano_webhook_fleet::{Evidence, Settings, handle};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::from_env().await?;
    let layer = WebhookLayer::new(settings.verifier).dedupe(settings.dedupe);
    let app = axum::Router::new()
        .route("/webhook", post(on_event).layer(layer))
        .layer(Extension(settings.evidence));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "listening on http://{address}/webhook")?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn on_event(
    Webhook(event): Webhook,
    Extension(evidence): Extension<Evidence>,
    lease: Option<Extension<LeaseHandle>>,
) -> StatusCode {
    let lease = lease.map(|Extension(lease)| lease);
    let status = handle(&evidence, &event, lease.as_ref()).await;
    StatusCode::from_u16(status).unwrap_or_default()
}
