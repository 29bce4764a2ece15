//! Any request, in any chunks, against any receiver: is it a delivery?

use nano_webhook_core::{Bytes, Delivery, MatchedSecret, WebhookError};

use nano_webhook_test_kit::oracle::{head, mac};

use crate::event::check_signed;
use crate::receiver::Receiver;
use crate::request::Request;
use crate::reserialize;

/// Judges a request, whole and in chunks.
pub fn check(data: &[u8]) {
    let request = Request::decode(data);
    let receiver = Receiver::new(&request);
    let body = Bytes::from(request.body.clone());
    let expected = expect(&request, &receiver);
    let whole = receiver
        .verifier
        .verify(&receiver.headers, body.clone(), receiver.now());
    compare(&whole, &expected);
    let chunked = verify_in_chunks(&request, &receiver, body);
    compare(&chunked, &expected);
    betrays_nothing(&whole, &request, &receiver);
}

fn verify_in_chunks(
    request: &Request,
    receiver: &Receiver,
    mut body: Bytes,
) -> Result<Delivery, WebhookError> {
    let mut verification = receiver.verifier.begin(&receiver.headers, receiver.now())?;
    for len in &request.chunks {
        let len = usize::from(*len).min(body.len());
        verification.push(body.split_to(len))?;
    }
    verification.push(body)?;
    verification.finish()
}

/// What was signed, when, and by which secret; or the code of the refusal.
struct Accepted {
    body: Vec<u8>,
    signed_at_ms: u64,
    secret: MatchedSecret,
}

fn expect(request: &Request, receiver: &Receiver) -> Result<Accepted, &'static str> {
    let head = head::read(&receiver.headers, &receiver.limits)?;
    if request.body.len() > receiver.limits.max_body {
        return Err("body_too_large");
    }
    let text = request
        .accept_reserialized
        .then(|| reserialize::oracle(&request.body))
        .flatten()
        .filter(|text| text.len() <= receiver.limits.max_body)
        .map(String::into_bytes);
    for body in [Some(request.body.clone()), text].into_iter().flatten() {
        let signs =
            |secret: &String| mac::signature(secret, head.timestamp, &body) == head.signature;
        if let Some(position) = receiver.secrets.iter().position(signs) {
            return Ok(Accepted {
                body,
                signed_at_ms: head.signed_at_ms,
                secret: match position {
                    0 => MatchedSecret::Current,
                    _ => MatchedSecret::Previous,
                },
            });
        }
    }
    Err("signature_mismatch")
}

fn compare(seen: &Result<Delivery, WebhookError>, expected: &Result<Accepted, &'static str>) {
    match (seen, expected) {
        (Err(error), Err(code)) => assert_eq!(error.code(), *code),
        (seen, Ok(accepted)) => {
            check_signed(&accepted.body, seen);
            if let Ok(delivery) = seen {
                assert_eq!(delivery.signed_at().as_millis(), accepted.signed_at_ms);
                assert_eq!(delivery.secret(), accepted.secret);
            }
        }
        (seen, Err(code)) => panic!("{seen:?} instead of {code}"),
    }
}

/// Nothing that is printed has the right signature or a secret in it, and the
/// answer has not even the reason.
fn betrays_nothing(
    seen: &Result<Delivery, WebhookError>,
    request: &Request,
    receiver: &Receiver,
) {
    let mut printed = format!("{seen:?}{:?}", receiver.verifier);
    if let Err(error) = seen {
        printed.push_str(&error.to_string());
        let answer = error.answer();
        assert_eq!(answer.status(), error.status());
        let problem: serde_json::Value =
            serde_json::from_str(answer.body()).expect("a problem document is JSON");
        assert_eq!(problem["code"], error.code());
    }
    for secret in &receiver.secrets {
        // Not every text is secret: "the" is in most messages.
        let telling = secret.contains('\u{a7}') && !request.body.contains(&0xa7);
        assert!(
            !telling || !printed.contains(secret),
            "the secret: {printed}"
        );
        let timestamp = receiver.headers.iter().map(|(_, value)| value);
        for timestamp in timestamp.filter(|value| value.len() <= 20) {
            let signature = mac::signature(secret, timestamp, &request.body);
            assert!(!printed.contains(&signature[3..]), "a MAC: {printed}");
        }
    }
}
