use std::io::Write as _;

use actix_web::HttpResponse;
use nano_webhook_actix::{Webhook, WebhookEvent};
use serde_json::{Value, json};

/// Prints each delivery as a line of JSON. Yours would store it: answer 200 only
/// when it is where it cannot be lost, because the provider documents no retries.
pub(crate) async fn on_event(Webhook(event): Webhook) -> HttpResponse {
    let line = match &event {
        WebhookEvent::Completed(job) => json!({
            "event": event.name(),
            "task_id": job.task_id,
            "url": job.url,
        }),
        WebhookEvent::Failed(job) => json!({
            "event": event.name(),
            "task_id": job.task_id,
            "reason": job.reason(),
        }),
        // Events that the provider adds later: take them, so that none is lost.
        other => json!({ "event": other.name(), "task_id": other.task_id() }),
    };
    match print(&line) {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(error) => {
            tracing::error!(%error, "could not write a delivery; it is released for the next try");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// `println!` would panic when standard output is closed.
fn print(line: &Value) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}
