//! What is verified: payloads, headers, signatures.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use nano_webhook_core::{HeaderField, Secret, Signer, UnixTime};

pub(crate) const SECRET: &str = "your-secret-key-of-some-length";

/// The payload of the provider's page, in one line: 193 bytes.
pub(crate) const COMPLETED: &str = r#"{"event":"job.completed","task_id":"task_xxx","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/image.png","credits_charged":6},"timestamp":"2024-12-23T10:00:00Z"}"#;

pub(crate) fn secret() -> Secret {
    Secret::new(SECRET).expect("it is not empty")
}

/// Peers ask the system's clock. Signed this far ahead, a delivery is fresh for
/// the eight minutes that a run may take.
pub(crate) fn signed_at() -> UnixTime {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    UnixTime::from_secs(now.as_secs()).saturating_add(Duration::from_secs(200))
}

/// A payload of this size: the documented one with one long text added.
pub(crate) fn completed(len: usize) -> Bytes {
    let added = r#"{"prompt":"","#.len() - 1;
    match len.checked_sub(COMPLETED.len() + added) {
        None => Bytes::from_static(COMPLETED.as_bytes()),
        Some(missing) => Bytes::from(format!(
            r#"{{"prompt":"{}",{}"#,
            "x".repeat(missing),
            &COMPLETED[1..]
        )),
    }
}

/// A body of this size that is not UTF-8 from its first byte on: the verdict on
/// it is the same work, and then no event is read.
pub(crate) fn no_event(len: usize) -> Bytes {
    Bytes::from(vec![0xff; len])
}

/// What every request has.
pub(crate) fn usual_headers(body: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::HOST,
        HeaderValue::from_static("receiver.example.com"),
    );
    headers.insert(header::USER_AGENT, HeaderValue::from_static("provider/1.0"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    headers
}

pub(crate) fn signed_headers(body: &[u8]) -> HeaderMap {
    signed_headers_at(signed_at(), body)
}

pub(crate) fn signed_headers_at(time: UnixTime, body: &[u8]) -> HeaderMap {
    let signed = Signer::new(&secret()).sign(time, body);
    let mut headers = usual_headers(body);
    set(
        &mut headers,
        HeaderField::Timestamp.name(),
        signed.timestamp(),
    );
    set(
        &mut headers,
        HeaderField::Signature.name(),
        signed.signature(),
    );
    headers
}

pub(crate) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    let value = HeaderValue::from_str(value).expect("the value is ASCII");
    headers.insert(HeaderName::from_static(name), value);
}
