//! Core, called as an adapter calls it.

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use nano_webhook_core::{Delivery, HeaderField, RequestHead, Secret, Verifier, WebhookError};

use crate::delivery::{
    completed, no_event, secret, set, signed_at, signed_headers, signed_headers_at,
};
use crate::rounds::Case;

pub(crate) const VERDICT: &str = "nano-webhook: verdict";
pub(crate) const EVENT: &str = "nano-webhook: verdict and event";
const EVENT_AND_CLOCK: &str = "nano-webhook: the same with a look at the clock";

pub(crate) fn accept(group: &'static str, body_len: usize) -> Vec<Case> {
    let verifier = verifier();
    vec![
        verify(
            group,
            VERDICT,
            &verifier,
            no_event(body_len),
            "invalid_event",
        ),
        verify(group, EVENT, &verifier, completed(body_len), ACCEPTED),
        verify_now(group, EVENT_AND_CLOCK, &verifier, completed(body_len)),
    ]
}

/// One, two and three secrets, of which the last one signed.
pub(crate) fn secrets(group: &'static str) -> Vec<Case> {
    let other =
        |number| Secret::new(format!("another secret, number {number}")).expect("not empty");
    let two = Verifier::builder(other(1)).previous_secret(secret());
    let three = Verifier::builder(other(1))
        .previous_secret(other(2))
        .previous_secret(secret());
    [
        ("one secret", verifier()),
        ("two, the second signed", two.build().expect("fine")),
        ("three, the third signed", three.build().expect("fine")),
    ]
    .into_iter()
    .map(|(name, verifier)| verify(group, name, &verifier, completed(0), ACCEPTED))
    .collect()
}

pub(crate) fn refuse(group: &'static str) -> Vec<Case> {
    let body = completed(0);
    let spoilt = |name, code, spoil: &dyn Fn(&mut HeaderMap)| {
        let mut headers = signed_headers(&body);
        spoil(&mut headers);
        judge(group, name, &verifier(), headers, body.clone(), code)
    };
    let stale = signed_at().saturating_sub(Duration::from_secs(1000));
    vec![
        spoilt("missing signature", "missing_header", &|headers| {
            headers.remove(HeaderField::Signature.name());
        }),
        spoilt("malformed timestamp", "malformed_timestamp", &|headers| {
            set(headers, HeaderField::Timestamp.name(), "yesterday");
        }),
        spoilt("malformed signature", "malformed_signature", &|headers| {
            set(headers, HeaderField::Signature.name(), "v1=0123");
        }),
        spoilt("stale", "timestamp_out_of_tolerance", &|headers| {
            *headers = signed_headers_at(stale, &body);
        }),
        spoilt("wrong signature", "signature_mismatch", &|headers| {
            let wrong = format!("v1={}", "0".repeat(64));
            set(headers, HeaderField::Signature.name(), &wrong);
        }),
    ]
}

const ACCEPTED: &str = "accepted";

fn verifier() -> Verifier {
    Verifier::builder(secret())
        .body_limit(2 << 20)
        .build()
        .expect("the settings are fine")
}

fn verify(
    group: &'static str,
    name: &'static str,
    verifier: &Verifier,
    body: Bytes,
    outcome: &str,
) -> Case {
    judge(group, name, verifier, signed_headers(&body), body, outcome)
}

fn judge(
    group: &'static str,
    name: &'static str,
    verifier: &Verifier,
    headers: HeaderMap,
    body: Bytes,
    outcome: &str,
) -> Case {
    let verifier = verifier.clone();
    let headers = Headers(headers);
    let now = signed_at();
    let judge = move || verifier.verify(black_box(&headers), body.clone(), now);
    assert_eq!(outcome_of(&judge()), outcome, "{name}");
    Case::new(group, name, judge)
}

fn verify_now(group: &'static str, name: &'static str, verifier: &Verifier, body: Bytes) -> Case {
    let verifier = verifier.clone();
    let headers = Headers(signed_headers(&body));
    Case::new(group, name, move || {
        let judged = verifier.verify(black_box(&headers), body.clone(), verifier.now());
        assert!(judged.is_ok());
        judged
    })
}

fn outcome_of(judged: &Result<Delivery, WebhookError>) -> &'static str {
    match judged {
        Ok(_) => ACCEPTED,
        Err(error) => error.code(),
    }
}

/// As the adapters give headers to core.
struct Headers(HeaderMap);

impl RequestHead for Headers {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        (self.0.iter()).map(|(name, value)| (name.as_str(), value.as_bytes()))
    }
}
