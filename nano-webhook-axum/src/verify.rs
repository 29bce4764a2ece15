use std::error::Error;

use axum_core::body::Body;
use bytes::Buf;
use futures_util::TryStreamExt as _;
use http::request::Parts;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyDataStream, LengthLimitError};
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{Verifier, WebhookError};

use crate::layer::BoxError;

/// Verifies a request: its head, then its body. The request that is returned
/// carries the delivery, and as its body what was signed.
pub(crate) async fn verify<B>(
    verifier: &Verifier,
    request: Request<B>,
) -> Result<Request<Body>, (WebhookError, Parts)>
where
    B: http_body::Body,
    B::Error: Into<BoxError>,
{
    let (mut head, body) = request.into_parts();
    let verified = match verifier.begin(&head, verifier.now()) {
        Ok(verification) => {
            // Trailers are not signed, and not read.
            let chunks = BodyDataStream::new(body)
                .map_ok(|mut data| data.copy_to_bytes(data.remaining()))
                .map_err(|error| body_error(error.into()));
            verification.receive(chunks, tokio::time::sleep).await
        }
        Err(error) => Err(error),
    };
    let delivery = match verified {
        Ok(delivery) => delivery,
        Err(error) => return Err((error, head)),
    };
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
