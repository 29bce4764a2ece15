use std::fmt;
use std::sync::Arc;

use nano_webhook_core::Verifier;
use nano_webhook_core::dedupe::Dedupe;
use poem::{Endpoint, Middleware, Request, Response, Result};

use crate::once::{call, handle_once};
use crate::verify::verify;

/// Verifies deliveries before the inner endpoint sees them, and with
/// [`dedupe`](Self::dedupe) handles each of them once.
///
/// Put it around the webhook's endpoint only: around a whole application it would reject
/// every other request. Around `post(on_event)` it also answers other methods with 405.
///
/// # What the inner endpoint gets
///
/// - the [`Delivery`](crate::Delivery) in the request's extensions, where
///   [`Webhook`](crate::Webhook) finds it,
/// - the signed body, unread,
/// - with deduplication, a [`LeaseHandle`](crate::LeaseHandle) in the extensions, unless
///   the handler runs without a claim ([`fail_open`](crate::DedupeBuilder::fail_open)).
///
/// # What it rejects
///
/// Every request that is not a correctly signed, fresh delivery, with a
/// [`WebhookRejection`](crate::WebhookRejection). Requests with an invalid head are
/// rejected before the body is read.
///
/// # What the handler's answer means, with deduplication
///
/// A 2xx completes the delivery: the next one is answered 200, and the handler is not
/// called. After anything else the next one is handled. While the handler runs, it is
/// answered 503 with `Retry-After`. [The table](nano_webhook_core::dedupe) has all cases.
///
/// The response has the [`Outcome`](crate::Outcome) in its extensions. A handler runs to
/// its end even if its client disconnects; at a shutdown wait for [`Dedupe::drained`].
/// Where two middlewares meet on one request, the inner one finds the claim of the outer
/// one and passes the request through.
///
/// The endpoint needs a tokio runtime with its timer.
///
/// # Deployment caveat
///
/// Without [`dedupe`](Self::dedupe), a captured delivery can be replayed for as long as
/// the tolerance lasts.
#[derive(Clone, Debug)]
#[must_use]
pub struct WebhookMiddleware {
    verifier: Verifier,
    dedupe: Option<Dedupe>,
}

impl WebhookMiddleware {
    /// A middleware that passes on what this verifier accepts.
    pub fn new(verifier: Verifier) -> Self {
        Self {
            verifier,
            dedupe: None,
        }
    }

    /// Handles each delivery once.
    pub fn dedupe(mut self, dedupe: Dedupe) -> Self {
        self.dedupe = Some(dedupe.covering(&self.verifier));
        self
    }
}

impl<E: Endpoint + 'static> Middleware<E> for WebhookMiddleware {
    type Output = WebhookEndpoint<E>;

    fn transform(&self, inner: E) -> WebhookEndpoint<E> {
        WebhookEndpoint {
            inner: Arc::new(inner),
            middleware: self.clone(),
        }
    }
}

/// The endpoint of a [`WebhookMiddleware`].
pub struct WebhookEndpoint<E> {
    inner: Arc<E>,
    middleware: WebhookMiddleware,
}

impl<E: Endpoint + 'static> Endpoint for WebhookEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let WebhookMiddleware { verifier, dedupe } = &self.middleware;
        let request = verify(verifier, request).await?;
        let inner = Arc::clone(&self.inner);
        match dedupe {
            None => call(inner, request).await,
            Some(dedupe) => handle_once(dedupe, inner, request).await,
        }
    }
}

impl<E> fmt::Debug for WebhookEndpoint<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEndpoint")
            .field("middleware", &self.middleware)
            .finish_non_exhaustive()
    }
}
