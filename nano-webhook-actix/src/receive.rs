use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::{Version, header};
use futures_util::Stream;
use nano_webhook_core::{Delivery, Verification, Verifier, WebhookError};
use tokio::time::Sleep;

use crate::headers::Headers;

/// Pumps a request's body into a verification, and waits for the verdict.
pub(crate) struct Receive {
    verification: Option<Verification>,
    payload: Payload,
    waited: bool,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Receive {
    /// Judges the head. Only if it passes, the payload is taken.
    pub(crate) fn start(
        verifier: &Verifier,
        request: &HttpRequest,
        payload: &mut Payload,
    ) -> Result<Self, WebhookError> {
        let headers = Headers(request.headers());
        let verification = verifier.begin(&headers, verifier.now())?;
        if was_taken(request, payload) {
            return Err(WebhookError::NotConfigured {
                remedy: "something read the request's body before it could be verified; \
                         in a handler's arguments, put Webhook before Bytes, Json and the like, \
                         or take Webhook<Delivery> and use its body()",
            });
        }
        Ok(Self {
            verification: Some(verification),
            payload: payload.take(),
            waited: false,
            deadline: None,
        })
    }

    /// What of the body was not read.
    pub(crate) fn take_payload(&mut self) -> Payload {
        self.payload.take()
    }
}

impl Future for Receive {
    type Output = Result<Delivery, WebhookError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            // A future that is polled after its end has nothing to say.
            let Some(verification) = this.verification.as_mut() else {
                return Poll::Pending;
            };
            match Pin::new(&mut this.payload).poll_next(context) {
                Poll::Ready(Some(Ok(chunk))) => verification.push(chunk)?,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(translate(error))),
                Poll::Ready(None) => {
                    return match this.verification.take() {
                        Some(verification) => Poll::Ready(verification.finish()),
                        None => Poll::Pending,
                    };
                }
                // On HTTP/1, actix polls once before it hands over even a body that
                // came with its head. No timer for those.
                Poll::Pending if !mem::replace(&mut this.waited, true) => {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Pending => {
                    let after = verification.body_timeout();
                    let deadline = this
                        .deadline
                        .get_or_insert_with(|| Box::pin(tokio::time::sleep(after)));
                    ready!(deadline.as_mut().poll(context));
                    return Poll::Ready(Err(WebhookError::BodyTimeout { after }));
                }
            }
        }
    }
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

/// A limit that something outside has set answers like ours. Everything else is
/// a body that broke off.
fn translate(error: PayloadError) -> WebhookError {
    match error {
        PayloadError::Overflow => WebhookError::BodyTooLarge {
            limit: None,
            announced: None,
        },
        error => WebhookError::BodyIncomplete {
            source: Arc::new(error),
        },
    }
}
