//! A webhook receiver on actix-web.
//!
//! `on_event` is what you would replace; `serve.rs` serves with a limit on slow request
//! heads and ends gracefully, and `health.rs` answers health checks. The settings are in
//! `examples/receiver-settings`.

mod health;
mod serve;

use std::process::ExitCode;

use actix_web::{HttpRequest, HttpResponse};
use nano_webhook_actix::Webhook;
use receiver_settings::{BoxError, Settings, print};

#[actix_web::main]
async fn main() -> ExitCode {
    receiver_settings::run(run()).await
}

async fn run() -> Result<(), BoxError> {
    serve::serve(Settings::from_env().await?).await
}

/// Answer 200 only when the result is stored where it cannot be lost, because the
/// provider documents no retries.
async fn on_event(Webhook(event): Webhook) -> HttpResponse {
    match print(&event) {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(error) => {
            tracing::error!(%error, "a delivery cannot be written; it is released");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// A registered URL with a slash too many is a delivery that is lost.
async fn not_found(request: HttpRequest) -> HttpResponse {
    tracing::warn!(
        path = request.path(),
        "no such path; check the URL that is registered at the provider"
    );
    HttpResponse::NotFound().finish()
}
