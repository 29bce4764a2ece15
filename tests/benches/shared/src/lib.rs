//! What the benchmarks share: payloads, headers, and a store's ids.

pub mod peers;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::dedupe::{
    BodyDigest, Claim, Dedupe, DedupeStore as _, DeliveryId, MemoryStore, OwnerToken, Ownership,
    Terms,
};
use nano_webhook_core::{Secret, Signer, UnixTime};

/// The secret of all benchmarks.
pub const SECRET: &str = "your-secret-key-of-some-length";

/// The payload of the provider's page, in one line: 193 bytes.
pub const COMPLETED: &str = r#"{"event":"job.completed","task_id":"task_xxx","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/image.png","credits_charged":6},"timestamp":"2024-12-23T10:00:00Z"}"#;

/// A failed job with a cause.
pub const FAILED: &str = r#"{"event":"job.failed","task_id":"task_xxx","task_type":"image","status":"failed","data":{"error":{"code":"nsfw","message":"The prompt was refused."},"credits_charged":0},"timestamp":"2024-12-23T10:00:00Z"}"#;

/// An unknown event.
pub const UNKNOWN: &str = r#"{"event":"job.queued","task_id":"task_xxx","position":4}"#;

/// The defaults.
pub const TERMS: Terms = Terms {
    lease: Duration::from_secs(30),
    retention: Duration::from_secs(72 * 3600),
};

/// [`SECRET`].
pub fn secret() -> Secret {
    Secret::new(SECRET).expect("it is not empty")
}

/// Peers ask the system's clock. Signed this far ahead, a delivery is fresh for
/// the eight minutes that a run may take.
pub fn signed_at() -> UnixTime {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    UnixTime::from_secs(now.as_secs()).saturating_add(Duration::from_secs(200))
}

/// A payload of this size: the documented one with one long text added.
pub fn completed(len: usize) -> Bytes {
    let added = r#"{"prompt":"","#.len() - 1;
    match len.checked_sub(COMPLETED.len() + added) {
        None => Bytes::from_static(COMPLETED.as_bytes()),
        Some(missing) => {
            let prompt = "x".repeat(missing);
            Bytes::from(format!(r#"{{"prompt":"{prompt}",{}"#, &COMPLETED[1..]))
        }
    }
}

/// A body of this size that is not UTF-8 from its first byte on: the verdict on
/// it is the same work, and then no event is read.
pub fn no_event(len: usize) -> Bytes {
    Bytes::from(vec![0xff; len])
}

/// What every request has.
pub fn usual_headers(body: &[u8]) -> HeaderMap {
    HeaderMap::from_iter([
        (header::HOST, "receiver.example.com".parse().expect("ASCII")),
        (header::USER_AGENT, HeaderValue::from_static("provider/1.0")),
        (header::ACCEPT, HeaderValue::from_static("*/*")),
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::CONTENT_LENGTH, HeaderValue::from(body.len())),
    ])
}

/// The headers of a delivery.
pub fn signed_headers(time: UnixTime, body: &[u8]) -> HeaderMap {
    let signed = Signer::new(secret()).sign(time, body);
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

/// Deliveries of different tasks, in turn; [`REMEMBERED`] of them later the first is new
/// again.
pub fn deliveries(time: UnixTime) -> Vec<(HeaderMap, Bytes)> {
    let body = |number| COMPLETED.replace("task_xxx", &format!("task_{number:04}"));
    (0..2 * REMEMBERED)
        .map(|number| Bytes::from(body(number)))
        .map(|body| (signed_headers(time, &body), body))
        .collect()
}

/// The capacity of [`small_store`].
pub const REMEMBERED: usize = 1000;

/// A store that has forgotten the first of [`deliveries`] after the last.
pub fn small_store() -> Dedupe {
    let store = MemoryStore::with_capacity(REMEMBERED).expect("it is not zero");
    (Dedupe::builder(store, "benchmark").build()).expect("the settings are fine")
}

/// A forgery's headers.
pub fn forged_headers(time: UnixTime, body: &[u8]) -> HeaderMap {
    let mut headers = signed_headers(time, body);
    let forged = format!("v1={}", "0".repeat(64));
    set(&mut headers, HeaderField::Signature.name(), &forged);
    headers
}

/// Sets a header.
pub fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    let value = HeaderValue::from_str(value).expect("the value is ASCII");
    headers.insert(HeaderName::from_static(name), value);
}

/// An id as evenly spread as a hash.
pub fn id(number: u64) -> DeliveryId {
    let mut bytes = [0; 32];
    for (index, chunk) in bytes.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let seed = (number << 3) + index as u64 + 1;
        let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        *chunk = (mixed ^ (mixed >> 32)).to_le_bytes();
    }
    DeliveryId::from_bytes(bytes)
}

/// Claims and completes a delivery.
pub fn handle(store: &MemoryStore, id: DeliveryId) {
    let owner = OwnerToken::from_bytes([1; 16]);
    let claim = store.claim(id, BodyDigest::default(), owner, TERMS);
    assert!(matches!(
        claim.now_or_never(),
        Some(Ok(Claim::Acquired { .. }))
    ));
    let complete = store.complete(id, owner, TERMS).now_or_never();
    assert!(matches!(complete, Some(Ok(Ownership::Held))));
}
