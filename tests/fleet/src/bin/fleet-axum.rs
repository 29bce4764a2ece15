//! The receiver on axum.

use std::io::Write as _;

use axum::extract::Extension;
use axum::http::StatusCode;
use axum::routing::post;
use nano_webhook_axum::{LeaseHandle, Webhook, WebhookLayer, WebhookRejection};
use nano_webhook_fleet::{Settings, Work};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::from_env().await?;
    let layer = WebhookLayer::new(settings.verifier).dedupe(settings.dedupe);
    let app = axum::Router::new()
        .route("/webhook", post(on_event).layer(layer))
        .layer(Extension(settings.work));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "listening on http://{address}/webhook")?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn on_event(
    Webhook(event): Webhook,
    Extension(work): Extension<Work>,
    lease: Option<Extension<LeaseHandle>>,
) -> Result<StatusCode, WebhookRejection> {
    let lease = lease.map(|Extension(lease)| lease);
    let status = work.handle(&event, lease.as_ref()).await?;
    Ok(StatusCode::from_u16(status).unwrap_or_default())
}
