//! Core, called as an adapter calls it.

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use nano_webhook_bench_shared::{
    COMPLETED, FAILED, UNKNOWN, completed, forged_headers, no_event, secret, set, signed_at,
    signed_headers,
};
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{Delivery, Secret, Verifier, WebhookError};

use crate::rounds::Case;

pub(crate) const VERIFICATION: &str = "nano-webhook: verification";
pub(crate) const EVENT: &str = "nano-webhook: verification and event";
const EVENT_AND_CLOCK: &str = "nano-webhook: the same, with the system's clock";

pub(crate) fn accept(group: &'static str, body_len: usize) -> Vec<Case> {
    let verifier = verifier();
    vec![
        verify(
            group,
            VERIFICATION,
            &verifier,
            no_event(body_len),
            "invalid_event",
        ),
        verify(group, EVENT, &verifier, completed(body_len), ACCEPTED),
        verify_now(group, EVENT_AND_CLOCK, &verifier, completed(body_len)),
    ]
}

/// Every kind of event.
pub(crate) fn events(group: &'static str) -> Vec<Case> {
    let verifier = verifier();
    [
        ("job.completed", COMPLETED),
        ("job.failed, with a cause", FAILED),
        ("an unknown event", UNKNOWN),
    ]
    .into_iter()
    .map(|(name, body)| {
        verify(
            group,
            name,
            &verifier,
            Bytes::from_static(body.as_bytes()),
            ACCEPTED,
        )
    })
    .collect()
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

pub(crate) fn reject(group: &'static str) -> Vec<Case> {
    let body = completed(0);
    let spoilt = |name, code, spoil: &dyn Fn(&mut HeaderMap)| {
        let mut headers = signed_headers(signed_at(), &body);
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
            *headers = signed_headers(stale, &body);
        }),
        spoilt("wrong signature", "signature_mismatch", &|headers| {
            *headers = forged_headers(signed_at(), &body);
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
    judge(
        group,
        name,
        verifier,
        signed_headers(signed_at(), &body),
        body,
        outcome,
    )
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
    let now = signed_at();
    let judge = move || verifier.verify(black_box(&headers), body.clone(), now);
    assert_eq!(outcome_of(&judge()), outcome, "{name}");
    Case::new(group, name, judge)
}

fn verify_now(group: &'static str, name: &'static str, verifier: &Verifier, body: Bytes) -> Case {
    let verifier = verifier.clone();
    let headers = signed_headers(signed_at(), &body);
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
