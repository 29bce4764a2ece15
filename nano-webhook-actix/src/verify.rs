use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::{Version, header};
use futures_util::TryStreamExt as _;
use nano_webhook_core::adapter::{RequestHead, Verification};
use nano_webhook_core::{Delivery, Verifier, WebhookError};

struct Head<'a>(&'a HttpRequest);

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.0.method().as_str()
    }

    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let headers = self.0.headers().iter();
        headers.map(|(name, value)| (name.as_str(), value.as_bytes()))
    }
}

/// Verifies the head. Only if it is accepted, the payload may be read.
pub(crate) fn begin(
    verifier: &Verifier,
    request: &HttpRequest,
    payload: &Payload,
) -> Result<Verification, WebhookError> {
    let verification = verifier.begin(&Head(request), verifier.now())?;
    if was_taken(request, payload) {
        return Err(WebhookError::not_configured(
            "the request's body was read before it could be verified; \
             in a handler's arguments, put Webhook before Bytes, Json and the like, \
             or take Webhook<Delivery> and use its body()",
        ));
    }
    Ok(verification)
}

/// Reads the body and verifies it. After an error, the payload still holds what
/// was not read.
pub(crate) fn receive(
    verification: Verification,
    payload: &mut Payload,
) -> impl Future<Output = Result<Delivery, WebhookError>> {
    let chunks = payload.map_err(|error| match error {
        // A limit that an outer service has set.
        PayloadError::Overflow => WebhookError::body_too_large(),
        error => WebhookError::body_incomplete(error),
    });
    verification.receive(chunks, tokio::time::sleep)
}

pub(crate) fn verify_again(
    verifier: &Verifier,
    request: &HttpRequest,
    delivery: &Delivery,
) -> Result<Delivery, WebhookError> {
    verifier.verify(&Head(request), delivery.body().clone(), verifier.now())
}

/// Whether a body was announced, but its payload is gone.
fn was_taken(request: &HttpRequest, payload: &Payload) -> bool {
    if !matches!(payload, Payload::None) {
        return false;
    }
    let headers = request.headers();
    request.version() == Version::HTTP_2
        || headers.contains_key(header::TRANSFER_ENCODING)
        || headers
            .get(header::CONTENT_LENGTH)
            .is_some_and(|length| length.as_bytes().iter().any(|digit| *digit != b'0'))
}
