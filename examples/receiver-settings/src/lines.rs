use std::io::Write as _;

use nano_webhook_core::WebhookEvent;
use serde_json::json;

/// Prints a delivery as one line of JSON. Yours would store it.
///
/// # Errors
/// If standard output is closed: `println!` would panic.
pub fn print(event: &WebhookEvent) -> std::io::Result<()> {
    let line = match event {
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
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}
