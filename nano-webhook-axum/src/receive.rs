use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http_body::Body;
use http_body_util::LengthLimitError;
use nano_webhook_core::{Delivery, Verification, WebhookError};
use pin_project_lite::pin_project;
use tokio::time::Sleep;

type BoxError = Box<dyn Error + Send + Sync>;

pin_project! {
    /// Pumps a request's body into a verification, and waits for the verdict.
    pub(crate) struct Receive<B> {
        verification: Option<Verification>,
        #[pin]
        body: B,
        waited: bool,
        // Boxed: few bodies need it, and every request's future would be larger by it.
        deadline: Option<Pin<Box<Sleep>>>,
    }
}

impl<B> Receive<B> {
    pub(crate) fn new(verification: Verification, body: B) -> Self {
        Self {
            verification: Some(verification),
            body,
            waited: false,
            deadline: None,
        }
    }
}

impl<B> Future for Receive<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Output = Result<Delivery, WebhookError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            // A future that is polled after its end has nothing to say.
            let Some(verification) = this.verification.as_mut() else {
                return Poll::Pending;
            };
            match this.body.as_mut().poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers are not signed, and not read.
                    if let Ok(mut data) = frame.into_data() {
                        let chunk = data.copy_to_bytes(data.remaining());
                        verification.push(chunk)?;
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Err(translate(error.into())));
                }
                Poll::Ready(None) => {
                    return match this.verification.take() {
                        Some(verification) => Poll::Ready(verification.finish()),
                        None => Poll::Pending,
                    };
                }
                // hyper is asked once before it hands over even a body that came with
                // its head. No timer for those.
                Poll::Pending if !std::mem::replace(this.waited, true) => {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Pending => {
                    let after = verification.body_timeout();
                    let deadline =
                        (this.deadline).get_or_insert_with(|| Box::pin(tokio::time::sleep(after)));
                    ready!(deadline.as_mut().poll(context));
                    return Poll::Ready(Err(WebhookError::BodyTimeout { after }));
                }
            }
        }
    }
}

/// A limit that a layer outside has set answers like ours. Everything else is a
/// body that broke off.
fn translate(error: BoxError) -> WebhookError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error.as_ref());
    while let Some(current) = cause {
        if current.is::<LengthLimitError>() {
            return WebhookError::BodyTooLarge {
                limit: None,
                announced: None,
            };
        }
        cause = current.source();
    }
    WebhookError::BodyIncomplete {
        source: Arc::from(error),
    }
}
