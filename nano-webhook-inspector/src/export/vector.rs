use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{Credits, Delivery, Secret, Signer, Verifier, WebhookError, WebhookEvent};
use serde::Serialize;
use serde_json::{Value, json};

use crate::record::Record;

/// In the place of the receiver's own, which is not exported.
const SECRET: &str = "a-secret-made-only-for-these-vectors";

/// Headers that the rules look at.
const JUDGED: [&str; 4] = [
    "x-nano-timestamp",
    "x-nano-signature",
    "content-type",
    "content-encoding",
];

/// In the order of the files there.
#[derive(Serialize)]
pub(super) struct Vector {
    name: String,
    secrets: [&'static str; 1],
    now_ms: u64,
    headers: Vec<Value>,
    body: String,
    expect: Value,
}

/// The delivery as a vector of `conformance/`: signed anew with a public secret, unless
/// its signature is what was wrong. It expects what a receiver with default settings
/// answers. None for what no vector can say: a body that is not complete.
pub(super) fn vector(record: &Record) -> Option<Vector> {
    if record.body_truncated {
        return None;
    }
    let secret = Secret::new(SECRET).ok()?;
    let mut headers = record.headers.clone();
    let is_judged = |name: &str| JUDGED.iter().any(|it| name.eq_ignore_ascii_case(it));
    headers.retain(|(name, _)| is_judged(name));
    if record.code.as_deref() != Some("signature_mismatch") {
        sign(record, Signer::new(secret.clone()), &mut headers);
    }
    let verdict = Verifier::new(secret).verify(&headers, record.body.clone(), record.received_at);
    let name = match &verdict {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.code().replace('_', "-"),
    };
    Some(Vector {
        name: format!("captured-{}-{name}", record.id),
        secrets: [SECRET],
        now_ms: record.received_at.as_millis(),
        headers: headers.iter().map(header).collect(),
        body: STANDARD.encode(&record.body),
        expect: expectation(&verdict)?,
    })
}

/// Replaces a readable signature that appears exactly once.
fn sign(record: &Record, signer: Signer, headers: &mut [(String, Vec<u8>)]) {
    let signature = record.signed_header(HeaderField::Signature);
    let is_readable = |signature: &[u8]| signature.starts_with(b"v1=") && signature.len() == 67;
    let timestamp = record.signed_header(HeaderField::Timestamp);
    let timestamp = timestamp.and_then(|timestamp| std::str::from_utf8(timestamp).ok());
    if let Some(timestamp) = timestamp.filter(|_| signature.is_some_and(is_readable)) {
        let signed = signer.sign_with_timestamp(timestamp, &record.body);
        for (name, value) in headers {
            if name.eq_ignore_ascii_case(HeaderField::Signature.name()) {
                *value = signed.signature().as_bytes().to_vec();
            }
        }
    }
}

fn header((name, value): &(String, Vec<u8>)) -> Value {
    let is_plain = value.iter().all(|byte| matches!(byte, b' '..=b'~'));
    match std::str::from_utf8(value) {
        Ok(text) if is_plain => json!([name, text]),
        _ => json!([name, { "base64": STANDARD.encode(value) }]),
    }
}

fn expectation(verdict: &Result<Delivery, WebhookError>) -> Option<Value> {
    let delivery = match verdict {
        Ok(delivery) => delivery,
        Err(error) => return Some(json!({ "status": error.status(), "code": error.code() })),
    };
    Some(json!({
        "status": 200,
        "event": event(delivery.event())?,
        "secret": 0,
        "signed_at_ms": delivery.signed_at().as_millis(),
    }))
}

fn event(event: &WebhookEvent) -> Option<Value> {
    Some(match event {
        WebhookEvent::Completed(job) => json!({
            "type": "completed",
            "task_id": job.task_id,
            "task_type": job.task_type.as_ref().map(|text| text.as_str()),
            "status": job.status.as_ref().map(|text| text.as_str()),
            "url": job.url,
            "credits_charged": job.credits_charged.map(Credits::as_f64),
            "timestamp": job.timestamp,
        }),
        WebhookEvent::Failed(job) => json!({
            "type": "failed",
            "task_id": job.task_id,
            "task_type": job.task_type.as_ref().map(|text| text.as_str()),
            "status": job.status.as_ref().map(|text| text.as_str()),
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
        _ => return None,
    })
}
