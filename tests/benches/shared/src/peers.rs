//! What the peers sign and how, where a benchmark must know it.

use http::HeaderMap;
use nano_webhook_core::UnixTime;
use webhook_verify::{CustomScheme, Encoding, HashAlg};

use crate::{SECRET, set, usual_headers};

const STANDARD_ID: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";

/// The headers of the Standard Webhooks specification.
pub fn standard_headers(signed_at: UnixTime, body: &[u8]) -> HeaderMap {
    let time = signed_at.as_secs();
    let webhook = standardwebhooks::Webhook::from_bytes(SECRET.into()).expect("a secret");
    let signature = webhook
        .sign(STANDARD_ID, time as i64, body)
        .expect("the body is UTF-8");
    let mut headers = usual_headers(body);
    set(&mut headers, "webhook-id", STANDARD_ID);
    set(&mut headers, "webhook-timestamp", &time.to_string());
    set(&mut headers, "webhook-signature", &signature);
    headers
}

/// The provider's own scheme, written for webhook-verify.
pub const SCHEME: CustomScheme = CustomScheme {
    hash: HashAlg::Sha256,
    signature_header: "x-nano-signature",
    timestamp_header: Some("x-nano-timestamp"),
    encoding: Encoding::Hex,
    prefix: Some("v1="),
    signed_string: |headers, body| {
        let timestamp = headers.get("x-nano-timestamp").unwrap_or_default();
        let mut text = Vec::with_capacity(timestamp.len() + 1 + body.len());
        text.extend_from_slice(timestamp.as_bytes());
        text.push(b'.');
        text.extend_from_slice(body);
        text
    },
};
