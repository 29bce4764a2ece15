mod handler;
mod service;

use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::{Error, HttpRequest, HttpResponse};
use nano_webhook_core::dedupe::{Dedupe, InFlight};
use nano_webhook_core::{ConfigError, WebhookError};

use crate::config::WebhookConfig;
use crate::middleware::WebhookMiddleware;

pub use service::{DedupeFuture, DedupeService};

/// A [`WebhookMiddleware`] that handles each delivery once. Made by
/// [`WebhookMiddleware::dedupe`].
///
/// **Make it outside the `App` factory** and clone it into it: the clones share
/// one store, so all workers do. A store that is made inside the factory is a
/// store for one worker.
///
/// # What the handler's answer means
///
/// A 2xx status completes the delivery: the next one like it is answered 200,
/// and the handler is not called. Any other status, an error or a panic releases
/// it: the next one is handled. A delivery that arrives while the first is being
/// handled is answered 503 with `Retry-After`. The rules are core's, and
/// described in [`nano_webhook_core::dedupe`].
///
/// # The handler runs to its end
///
/// It runs in a task of its own on its worker, so a client that hangs up does not
/// cut it off. The worker's end does. actix stops a worker that has no open
/// connection at once, so at a shutdown wait for [`in_flight`](Self::in_flight)
/// **before** `stop`, with actix's own signal handling turned off:
///
/// ```no_run
/// use std::time::Duration;
///
/// use actix_web::{App, HttpResponse, HttpServer, rt, web};
/// use nano_webhook_actix::core::dedupe::MemoryStore;
/// use nano_webhook_actix::{Secret, Verifier, Webhook, WebhookMiddleware};
///
/// #[actix_web::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let verifier = Verifier::new(Secret::from_env("NANO_WEBHOOK_SECRET")?);
///     let webhooks = WebhookMiddleware::new(verifier).dedupe(MemoryStore::default())?;
///     let in_flight = webhooks.in_flight();
///
///     let server = HttpServer::new(move || {
///         let handler = async |Webhook(event): Webhook| HttpResponse::Ok().finish();
///         App::new().route("/webhook", web::post().to(handler).wrap(webhooks.clone()))
///     })
///     .bind("127.0.0.1:3000")?
///     .disable_signals()
///     .run();
///
///     let handle = server.handle();
///     rt::spawn(async move {
///         // And SIGTERM, which containers are stopped with: see examples/actix-receiver.
///         let _ = rt::signal::ctrl_c().await;
///         handle.pause().await;
///         let _ = rt::time::timeout(Duration::from_secs(20), in_flight.drained()).await;
///         handle.stop(true).await;
///     });
///     Ok(server.await?)
/// }
/// ```
///
/// # What goes with it
///
/// The handler finds a [`LeaseHandle`](nano_webhook_core::dedupe::LeaseHandle) in
/// the request's extensions, unless it runs without a claim
/// ([`Dedupe::fail_open`]): take an `Option<web::ReqData<LeaseHandle>>`. The
/// response has the [`Outcome`](nano_webhook_core::dedupe::Outcome) in its
/// extensions. The handler's task has the request's tracing span, but not its
/// task-local values.
///
/// # Panics
/// The service panics where there is no `LocalSet` for the handler's task. Every
/// `HttpServer` and `#[actix_web::test]` has one, `#[tokio::test]` has not.
#[derive(Clone, Debug)]
#[must_use]
pub struct DedupeMiddleware {
    config: WebhookConfig,
    dedupe: Dedupe,
}

impl DedupeMiddleware {
    pub(crate) fn new(middleware: WebhookMiddleware, dedupe: Dedupe) -> Result<Self, ConfigError> {
        let config = middleware.config;
        dedupe.validate(config.verifier().replay_window())?;
        Ok(Self { config, dedupe })
    }

    /// As [`WebhookConfig::on_rejection`].
    pub fn on_rejection(
        mut self,
        hook: impl Fn(&WebhookError, &HttpRequest) -> HttpResponse + Send + Sync + 'static,
    ) -> Self {
        self.config = self.config.on_rejection(hook);
        self
    }

    /// What is being handled at this moment, on all workers, to wait for at a
    /// shutdown.
    #[must_use]
    pub fn in_flight(&self) -> InFlight {
        self.dedupe.in_flight()
    }
}

impl<S, B> Transform<S, ServiceRequest> for DedupeMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = DedupeService<S>;
    type InitError = ();
    type Future = Ready<Result<DedupeService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(DedupeService {
            inner: Rc::new(service),
            middleware: self.clone(),
        }))
    }
}
