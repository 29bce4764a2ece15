use std::fmt;
use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use nano_webhook_core::adapter::{OuterClaim, delivery_span};
use nano_webhook_core::dedupe::Dedupe;
use nano_webhook_core::{Verifier, WebhookError};
use tracing::Instrument as _;

use crate::answer::Rejected;
use crate::config::{DecidedBy, WebhookConfig};
use crate::once::handle_once;
use crate::verify::{begin, receive};

/// Verifies deliveries before the inner service sees them, and with
/// [`dedupe`](Self::dedupe) handles each of them once.
///
/// The extractor [`Webhook`](crate::Webhook) alone verifies too. The middleware is
/// for services that are not handlers, for handlers that read the body themselves,
/// and for deduplication, which must see the handler's answer.
///
/// Put it on the webhook's resource only: around a whole application it would reject
/// every other request. Register the handler for all methods, so that the middleware
/// answers the others 405. **Make it outside the `App` factory** and clone it into it: the
/// clones share one store, so all workers do.
///
/// ```no_run
/// use std::time::Duration;
///
/// use actix_web::{App, HttpResponse, HttpServer, rt, web};
/// use nano_webhook_actix::{Dedupe, Secret, Verifier, Webhook, WebhookMiddleware};
///
/// #[actix_web::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let verifier = Verifier::new(Secret::from_env("NANO_WEBHOOK_SECRET")?);
///     let dedupe = Dedupe::in_memory();
///     let webhooks = WebhookMiddleware::new(verifier).dedupe(dedupe.clone());
///
///     let server = HttpServer::new(move || {
///         let handler = async |Webhook(event): Webhook| HttpResponse::Ok().finish();
///         let webhook = web::resource("/webhook").to(handler).wrap(webhooks.clone());
///         App::new().service(webhook)
///     })
///     .bind("127.0.0.1:3000")?
///     .disable_signals()
///     .run();
///
///     // actix stops a worker without open connections at once, and with it a
///     // handler whose client has disconnected. So: pause, drain, stop.
///     let handle = server.handle();
///     rt::spawn(async move {
///         // And SIGTERM, which containers are stopped with: see examples/actix-receiver.
///         let _ = rt::signal::ctrl_c().await;
///         handle.pause().await;
///         let _ = rt::time::timeout(Duration::from_secs(20), dedupe.drained()).await;
///         handle.stop(true).await;
///     });
///     Ok(server.await?)
/// }
/// ```
///
/// # What the inner service gets
///
/// - the [`Delivery`](crate::Delivery) in the request's extensions, where
///   [`Webhook`](crate::Webhook) finds it,
/// - the signed body, unread, as payload,
/// - with deduplication, a [`LeaseHandle`](crate::LeaseHandle) in the extensions,
///   unless the handler runs without a claim
///   ([`fail_open`](crate::DedupeBuilder::fail_open)): take an
///   `Option<web::ReqData<LeaseHandle>>`.
///
/// # What it rejects
///
/// Every request that is not a correctly signed, fresh delivery, with a problem
/// document. The [`WebhookError`] is in the response's extensions, and one
/// `tracing` event says why. Requests with an invalid head are rejected before the
/// body is read.
///
/// # Logs
///
/// The inner service runs in a `tracing` span `delivery` (info) with the event, the
/// task and the size of the body, and with deduplication the identity, the attempt
/// and the outcome; so the handler's own log lines belong to the delivery. The
/// extractor alone opens no span, because it ends before the handler begins.
///
/// # What the handler's answer means, with deduplication
///
/// A 2xx completes the delivery: the next one is answered 200, and the handler is not
/// called. After anything else the next one is handled. While the handler runs, it is
/// answered 503 with `Retry-After`. [The table](nano_webhook_core::dedupe) has all cases.
///
/// The response has the [`Outcome`](crate::Outcome) in its extensions. A handler
/// runs to its end even if its client disconnects: what does not end at once goes
/// on in a task of its own on its worker, with the request's tracing span but
/// without its task-local values. A handler that panics is answered 500, and the
/// connection lives on.
///
/// Where two middlewares meet on one request, the inner one finds the claim of the
/// outer one and passes the request through.
///
/// # Panics
/// The service panics where no `LocalSet` runs the handler's task. Every
/// `HttpServer` and `#[actix_web::test]` has one, `#[tokio::test]` has not.
///
/// # Deployment caveat
///
/// Without [`dedupe`](Self::dedupe), a captured delivery can be replayed for as
/// long as the tolerance lasts.
#[derive(Clone, Debug)]
#[must_use]
pub struct WebhookMiddleware {
    config: WebhookConfig,
    dedupe: Option<Dedupe>,
}

impl WebhookMiddleware {
    /// A middleware that passes on what this verifier accepts.
    pub fn new(verifier: Verifier) -> Self {
        Self {
            config: WebhookConfig::new(verifier),
            dedupe: None,
        }
    }

    /// Handles each delivery once.
    pub fn dedupe(mut self, dedupe: Dedupe) -> Self {
        self.dedupe = Some(dedupe.covering(self.config.verifier()));
        self
    }

    /// As [`WebhookConfig::on_rejection`].
    pub fn on_rejection(
        mut self,
        hook: impl Fn(&WebhookError, &HttpRequest) -> HttpResponse + Send + Sync + 'static,
    ) -> Self {
        self.config = self.config.on_rejection(hook);
        self
    }
}

impl<S, B> Transform<S, ServiceRequest> for WebhookMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = WebhookService<S>;
    type InitError = ();
    type Future = Ready<Result<WebhookService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(WebhookService {
            inner: Rc::new(service),
            middleware: self.clone(),
        }))
    }
}

/// The service of a [`WebhookMiddleware`].
pub struct WebhookService<S> {
    inner: Rc<S>,
    middleware: WebhookMiddleware,
}

impl<S, B> Service<ServiceRequest> for WebhookService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(inner);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let inner = Rc::clone(&self.inner);
        let WebhookMiddleware { config, dedupe } = self.middleware.clone();
        async move {
            let (head, payload) = request.parts_mut();
            let received = match begin(config.verifier(), head, payload) {
                Ok(verification) => receive(verification, payload).await,
                Err(error) => Err(error),
            };
            let delivery = match received {
                Ok(delivery) => delivery,
                Err(error) => {
                    let rejected = Rejected::new(error, request.take_payload());
                    return Ok(reject(&config, rejected, request));
                }
            };
            let decided = DecidedBy::middleware(&request);
            request.set_payload(Payload::from(delivery.body().clone()));
            request.extensions_mut().insert(decided);
            request.extensions_mut().insert(delivery.clone());
            let outer = request.extensions().contains::<OuterClaim>();
            match dedupe.filter(|_| !outer) {
                None => {
                    let span = delivery_span(&delivery);
                    let handled = async { inner.call(request).await }.instrument(span);
                    Ok(handled.await?.map_into_left_body())
                }
                Some(dedupe) => handle_once(dedupe, delivery, config, inner, request).await,
            }
        }
        .boxed_local()
    }
}

impl<S> fmt::Debug for WebhookService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookService")
            .field("middleware", &self.middleware)
            .finish_non_exhaustive()
    }
}

pub(crate) fn reject<B>(
    config: &WebhookConfig,
    rejected: impl Into<Rejected>,
    request: ServiceRequest,
) -> ServiceResponse<EitherBody<B>> {
    let rejection = config.reject(rejected, request.request());
    request.error_response(rejection).map_into_right_body()
}
