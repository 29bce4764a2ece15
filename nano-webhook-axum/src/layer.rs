use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum_core::body::Body;
use axum_core::response::IntoResponse;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{Request, Response};
use nano_webhook_core::adapter::{OuterClaim, delivery_span};
use nano_webhook_core::dedupe::Dedupe;
use nano_webhook_core::{Verifier, WebhookError};
use tower_layer::Layer;
use tower_service::Service;
use tracing::Instrument as _;

use crate::answer::{Hook, respond};
use crate::once::handle_once;
use crate::verify::verify;

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Verifies deliveries before the inner service sees them, and with
/// [`dedupe`](Self::dedupe) handles each of them once.
///
/// Put it on the webhook's route only (`MethodRouter::layer`), or on a router of
/// its own: around a whole application it would reject every other request.
///
/// # What the inner service gets
///
/// - the [`Delivery`](crate::Delivery) in the request's extensions, where
///   [`Webhook`](crate::Webhook) finds it,
/// - the signed body, unread,
/// - with deduplication, a [`LeaseHandle`](crate::LeaseHandle) in the extensions,
///   unless the handler runs without a claim
///   ([`fail_open`](crate::DedupeBuilder::fail_open)): take an
///   `Option<Extension<LeaseHandle>>`.
///
/// # What it rejects
///
/// Every request that is not a correctly signed, fresh delivery, with a problem
/// document. The [`WebhookError`] is in the response's extensions, and one
/// `tracing` event says why. Requests with an invalid head (method, signature
/// headers, timestamp, encoding, `Content-Length`) are rejected before the body is
/// read.
///
/// # Logs
///
/// The inner service runs in a `tracing` span `delivery` (info) with the event, the
/// task and the size of the body, and with deduplication the identity, the attempt
/// and the outcome; so the handler's own log lines belong to the delivery.
///
/// # What the handler's answer means, with deduplication
///
/// A 2xx completes the delivery: the next one is answered 200, and the handler is not
/// called. After anything else the next one is handled. While the handler runs, it is
/// answered 503 with `Retry-After`. [The table](nano_webhook_core::dedupe) has all cases.
///
/// The response has the [`Outcome`](crate::Outcome) in its extensions. A handler
/// runs to its end even if its client disconnects: what does not end at once goes
/// on in a task of its own, with the request's tracing span but without its
/// task-local values. At a shutdown wait for [`Dedupe::drained`]. A handler that
/// panics is answered 500, and the connection lives on.
///
/// Where two layers meet on one request, the inner one finds the claim of the
/// outer one and passes the request through.
///
/// # Readiness and runtime
///
/// While a body arrives, no inner service is held ready, so a slow sender does
/// not occupy a place in a concurrency limit. The inner service is cloned, and
/// made ready after the verification. The service needs a tokio runtime with its
/// timer (`enable_time`). Its future is boxed, so the inner service and its future
/// are `Send + 'static`, as axum asks of every route.
///
/// # Deployment caveat
///
/// Without [`dedupe`](Self::dedupe), a captured delivery can be replayed for as
/// long as the tolerance lasts.
#[derive(Clone)]
#[must_use]
pub struct WebhookLayer(Arc<Settings>);

#[derive(Clone)]
struct Settings {
    verifier: Verifier,
    dedupe: Option<Dedupe>,
    hook: Option<Hook>,
}

impl WebhookLayer {
    /// A layer that passes on what this verifier accepts.
    pub fn new(verifier: Verifier) -> Self {
        Self(Arc::new(Settings {
            verifier,
            dedupe: None,
            hook: None,
        }))
    }

    /// Handles each delivery once.
    pub fn dedupe(mut self, dedupe: Dedupe) -> Self {
        let settings = Arc::make_mut(&mut self.0);
        settings.dedupe = Some(dedupe.covering(&settings.verifier));
        self
    }

    /// Answers rejected requests in your own format. The hook gets the error and
    /// the request's head. The error is put into the response's extensions, headers
    /// that belong to the status are added, and `Connection: close` where the body
    /// stays unread.
    ///
    /// The error's text is for you, not for the sender.
    ///
    /// ```
    /// use axum::http::StatusCode;
    /// # use nano_webhook_axum::{Secret, Verifier, WebhookLayer};
    /// # let verifier = Verifier::new(Secret::new("your-secret-key-of-some-length")?);
    ///
    /// let layer = WebhookLayer::new(verifier).on_rejection(|error, _head| {
    ///     (StatusCode::from_u16(error.status()).unwrap_or_default(), error.code())
    /// });
    /// # let _ = layer;
    /// # Ok::<(), nano_webhook_axum::ConfigError>(())
    /// ```
    pub fn on_rejection<R: IntoResponse>(
        mut self,
        hook: impl Fn(&WebhookError, &Parts) -> R + Send + Sync + 'static,
    ) -> Self {
        let hook = move |error: &WebhookError, head: &Parts| hook(error, head).into_response();
        Arc::make_mut(&mut self.0).hook = Some(Arc::new(hook));
        self
    }
}

impl fmt::Debug for WebhookLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookLayer")
            .field("verifier", &self.0.verifier)
            .field("dedupe", &self.0.dedupe)
            .field("on_rejection", &self.0.hook.is_some())
            .finish()
    }
}

impl<S> Layer<S> for WebhookLayer {
    type Service = WebhookService<S>;

    fn layer(&self, inner: S) -> WebhookService<S> {
        WebhookService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service of a [`WebhookLayer`].
#[derive(Clone, Debug)]
pub struct WebhookService<S> {
    inner: S,
    layer: WebhookLayer,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for WebhookService<S>
where
    S: Service<Request<Body>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    ReqBody: http_body::Body + Send + 'static,
    ReqBody::Data: Send,
    ReqBody::Error: Into<BoxError> + Send,
    ResBody: http_body::Body<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    /// Always ready: the inner service is not asked before the verification.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let Self { inner, layer } = self.clone();
        // Outside of the future, which would keep the whole request as well as its parts.
        let (mut head, body) = request.into_parts();
        Box::pin(async move {
            let Settings {
                verifier,
                dedupe,
                hook,
            } = &*layer.0;
            let hook = hook.as_ref();
            match verify(verifier, &mut head, body).await {
                Err(error) => Ok(respond(hook, error, &head)),
                Ok((delivery, body)) => {
                    let span = delivery_span(&delivery);
                    let outer = head.extensions.get::<OuterClaim>();
                    let once = dedupe.as_ref().filter(|_| outer.is_none());
                    let request = Request::from_parts(head, body);
                    match once {
                        None => call(inner, request).instrument(span).await,
                        Some(dedupe) => {
                            handle_once(dedupe, &delivery, span, hook, inner, request).await
                        }
                    }
                }
            }
        })
    }
}

/// Calls a service that was never polled ready.
pub(crate) async fn call<S, ResBody>(
    mut inner: S,
    request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<ResBody>>,
    ResBody: http_body::Body<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    poll_fn(|context| inner.poll_ready(context)).await?;
    Ok(inner.call(request).await?.map(Body::new))
}
