use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nano_webhook_core::{Credits, Delivery, MatchedSecret, WebhookEvent};
use serde_json::{Value, json};

/// A delivery in the form of the vectors: what the handler of a server under
/// test answers.
pub fn event_json(delivery: &Delivery) -> Value {
    let event = match delivery.event() {
        WebhookEvent::Completed(job) => json!({
            "type": "completed",
            "task_id": job.task_id,
            "task_type": job.task_type.as_ref().map(ToString::to_string),
            "status": job.status.as_ref().map(ToString::to_string),
            "url": job.url,
            "credits_charged": job.credits_charged.map(Credits::as_f64),
            "timestamp": job.timestamp,
        }),
        WebhookEvent::Failed(job) => json!({
            "type": "failed",
            "task_id": job.task_id,
            "task_type": job.task_type.as_ref().map(ToString::to_string),
            "status": job.status.as_ref().map(ToString::to_string),
            "reason": job.reason(),
            "code": job.code(),
            "credits_charged": job.credits_charged.map(Credits::as_f64),
            "timestamp": job.timestamp,
        }),
        WebhookEvent::Unknown(unknown) => json!({
            "type": "unknown",
            "event": unknown.event,
            "task_id": unknown.task_id,
        }),
        other => panic!("what is {other:?}?"),
    };
    json!({
        "event": event,
        "secret": u8::from(delivery.secret() == MatchedSecret::Previous),
        "signed_at_ms": delivery.signed_at().as_millis(),
        "signed_body": STANDARD.encode(delivery.body()),
    })
}

/// Whether two documents are the same, numbers compared as doubles.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Object(left), Value::Object(right)) => {
            let mut members = left.iter();
            left.len() == right.len()
                && members
                    .all(|(name, value)| right.get(name).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}
