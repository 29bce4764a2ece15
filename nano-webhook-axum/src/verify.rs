use std::error::Error;

use axum_core::body::Body;
use bytes::Buf;
use futures_util::TryStreamExt as _;
use http::request::Parts;
use http::{HeaderName, HeaderValue, header};
use http_body_util::{BodyDataStream, LengthLimitError};
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{Delivery, Verifier, WebhookError};

use crate::layer::BoxError;

static SIGNATURE: HeaderName = HeaderName::from_static(HeaderField::Signature.name());

/// Verifies a request: its head, then its body. Puts the delivery into the head,
/// and returns it with what was signed as a body.
pub(crate) async fn verify<B>(
    verifier: &Verifier,
    head: &mut Parts,
    body: B,
) -> Result<(Delivery, Body), WebhookError>
where
    B: http_body::Body,
    B::Error: Into<BoxError>,
{
    let verification = verifier.begin(head, verifier.now())?;
    // Trailers are not signed, and not read.
    let chunks = BodyDataStream::new(body)
        .map_ok(|mut data| data.copy_to_bytes(data.remaining()))
        .map_err(|error| body_error(error.into()));
    let delivery = verification.receive(chunks, tokio::time::sleep).await?;
    // A re-serialised body has another length than the one received.
    if let Some(length) = head.headers.get_mut(header::CONTENT_LENGTH)
        && length.to_str().ok().and_then(|text| text.parse().ok()) != Some(delivery.body().len())
    {
        *length = HeaderValue::from(delivery.body().len());
    }
    // Within the tolerance it is as good as the delivery: keep it out of logs.
    if let Some(signature) = head.headers.get_mut(&SIGNATURE) {
        signature.set_sensitive(true);
    }
    let body = Body::from(delivery.body().clone());
    head.extensions.insert(delivery.clone());
    Ok((delivery, body))
}

/// The length limit of an outer layer is a body that is too large, every other
/// error a body that is not complete.
fn body_error(error: BoxError) -> WebhookError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error.as_ref());
    while let Some(current) = cause {
        if current.is::<LengthLimitError>() {
            return WebhookError::body_too_large();
        }
        cause = current.source();
    }
    WebhookError::body_incomplete(error)
}
