//! The smallest adapter, on `nano_webhook_core::adapter`: what stands between a web
//! framework and core. Start here to write one for another framework.

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use http_body_util::{BodyDataStream, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode, Version};
use nano_webhook_core::adapter::{Answer, Claimed, reject, run_to_end};
use nano_webhook_core::dedupe::Dedupe;
use nano_webhook_core::{Delivery, Verifier, WebhookError};

/// The answer of a handler, or to a rejected request.
pub type Reply = Response<Full<Bytes>>;

/// Verifies requests, and handles each delivery once.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// Verifies requests.
    pub verifier: Verifier,
    /// Handles each delivery once. Without it, every copy is handled.
    pub dedupe: Option<Dedupe>,
}

impl Adapter {
    /// Answers a request. The handler gets the delivery; an answer of 2xx completes it.
    pub async fn answer<F>(
        self,
        request: Request<Incoming>,
        handler: impl FnOnce(Delivery) -> F + Send + 'static,
    ) -> Reply
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        let version = request.version();
        match self.handle(request, handler).await {
            Ok(reply) => reply,
            Err(error) => rejection(&error, version),
        }
    }

    async fn handle<F>(
        self,
        request: Request<Incoming>,
        handler: impl FnOnce(Delivery) -> F + Send + 'static,
    ) -> Result<Reply, WebhookError>
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        let (head, body) = request.into_parts();
        // An error is answered at once: the body stays unread.
        let verification = self.verifier.begin(&head, self.verifier.now())?;
        let chunks = BodyDataStream::new(body).map_err(WebhookError::body_incomplete);
        let delivery = verification.receive(chunks, tokio::time::sleep).await?;
        let Some(dedupe) = self.dedupe else {
            return Ok(handler(delivery).await);
        };
        // A claimed delivery outlives its connection.
        let work = async move {
            match dedupe.claim(&delivery, tokio::time::sleep).await {
                Claimed::Held(claim) => {
                    let handled = claim.run(handler(delivery), completes).await;
                    if let Some(settling) = handled.settling {
                        tokio::spawn(settling.into_future());
                    }
                    handled.output
                }
                Claimed::Duplicate(_) => Ok(Reply::default()),
                Claimed::Rejected(error, settling) => {
                    if let Some(settling) = settling {
                        tokio::spawn(settling.into_future());
                    }
                    Err(error)
                }
            }
        };
        run_to_end(work, tokio::spawn).await.flatten()
    }
}

fn completes(reply: &Reply) -> bool {
    reply.status().is_success()
}

/// The answer to a rejected request, which is logged.
#[must_use]
pub fn rejection(error: &WebhookError, version: Version) -> Reply {
    let answer = reject(error);
    let mut reply = Reply::new(Full::from(answer.body()));
    *reply.status_mut() =
        StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(Answer::CONTENT_TYPE));
    for (name, value) in answer.headers() {
        if let Ok(value) = HeaderValue::try_from(&*value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if error.closes_connection() && version <= Version::HTTP_11 {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    reply
}
