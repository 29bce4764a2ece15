use futures_util::TryStreamExt as _;
use nano_webhook_core::adapter::{HeaderField, RequestHead};
use nano_webhook_core::{Verifier, WebhookError};
use poem::http::{HeaderValue, header};
use poem::{Body, Request, RequestParts, Result};

use crate::answer::WebhookRejection;

struct Head<'a>(&'a RequestParts);

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.0.method.as_str()
    }

    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.headers.field_lines()
    }
}

/// Verifies a request: its head, then its body. The request that is returned carries
/// the delivery, and as its body what was signed.
pub(crate) async fn verify(verifier: &Verifier, request: Request) -> Result<Request> {
    let (mut head, body) = request.into_parts();
    let verified = match verifier.begin(&Head(&head), verifier.now()) {
        Ok(verification) => {
            let chunks = body
                .into_bytes_stream()
                .map_err(WebhookError::body_incomplete);
            verification.receive(chunks, tokio::time::sleep).await
        }
        Err(error) => Err(error),
    };
    let delivery = verified.map_err(|error| WebhookRejection::of(error, head.version))?;
    // A re-serialised body has another length than the one received.
    if let Some(length) = head.headers.get_mut(header::CONTENT_LENGTH) {
        *length = HeaderValue::from(delivery.body().len());
    }
    // Within the tolerance it is as good as the delivery: keep it out of logs.
    if let Some(signature) = head.headers.get_mut(HeaderField::Signature.name()) {
        signature.set_sensitive(true);
    }
    let body = Body::from(delivery.body().clone());
    head.extensions.insert(delivery);
    Ok(Request::from_parts(head, body))
}
