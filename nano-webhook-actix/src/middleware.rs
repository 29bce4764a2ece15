use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::{Error, HttpRequest, HttpResponse};
use nano_webhook_core::dedupe::Dedupe;
use nano_webhook_core::{ConfigError, Verifier, WebhookError};

use crate::config::WebhookConfig;
use crate::dedupe::DedupeMiddleware;
use crate::service::WebhookService;

/// Verifies deliveries before the inner service sees them.
///
/// The extractor [`Webhook`](crate::Webhook) alone does that too. The middleware
/// is for services that are no handlers, for handlers that read the body by
/// themselves, and for [`dedupe`](Self::dedupe), which must see the handler's
/// answer.
///
/// Put it on the webhook's route only (`Route::wrap`, behind `to`), or on a
/// resource or scope of its own: around a whole application it would refuse every
/// other request.
///
/// # What the inner service gets
///
/// - the [`Delivery`](crate::Delivery) in the request's extensions, where
///   [`Webhook`](crate::Webhook) finds it,
/// - the signed body, unread, as payload.
///
/// # What it refuses
///
/// Every request that is not a correctly signed, fresh delivery, with a problem
/// document. The [`WebhookError`] is in the response's extensions, and one
/// `tracing` event says why. What is wrong with the head (missing, malformed,
/// stale, encoded, too large by its `Content-Length`) is answered before one
/// byte of the body is read.
///
/// # Deployment caveat
///
/// Without [`dedupe`](Self::dedupe), a delivery that somebody captured can be
/// replayed for as long as the tolerance window lasts.
///
/// ```
/// use actix_web::{App, HttpResponse, web};
/// use nano_webhook_actix::{Secret, Verifier, Webhook, WebhookEvent, WebhookMiddleware};
///
/// async fn on_event(Webhook(event): Webhook) -> HttpResponse {
///     if let WebhookEvent::Completed(job) = event {
///         println!("{} is at {}", job.task_id, job.url);
///     }
///     HttpResponse::Ok().finish()
/// }
///
/// let verifier = Verifier::new(Secret::new("your-secret-key-of-some-length")?);
/// let webhooks = WebhookMiddleware::new(verifier);
/// let app = App::new().route("/webhook", web::post().to(on_event).wrap(webhooks));
/// # let _ = app;
/// # Ok::<(), nano_webhook_actix::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct WebhookMiddleware {
    pub(crate) config: WebhookConfig,
}

impl WebhookMiddleware {
    /// A middleware that lets through what this verifier accepts.
    pub fn new(verifier: Verifier) -> Self {
        Self {
            config: WebhookConfig::new(verifier),
        }
    }

    /// As [`WebhookConfig::on_rejection`].
    pub fn on_rejection(
        mut self,
        hook: impl Fn(&WebhookError, &HttpRequest) -> HttpResponse + Send + Sync + 'static,
    ) -> Self {
        self.config = self.config.on_rejection(hook);
        self
    }

    /// Handles each delivery once. Takes a store, or a [`Dedupe`] with other
    /// settings.
    ///
    /// # Errors
    /// [`ConfigError`] if the settings do not fit the verifier's tolerance
    /// window; see [`Dedupe::validate`].
    pub fn dedupe(self, dedupe: impl Into<Dedupe>) -> Result<DedupeMiddleware, ConfigError> {
        DedupeMiddleware::new(self, dedupe.into())
    }
}

impl<S, B> Transform<S, ServiceRequest> for WebhookMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = WebhookService<S>;
    type InitError = ();
    type Future = Ready<Result<WebhookService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(WebhookService {
            inner: Rc::new(service),
            config: self.config.clone(),
        }))
    }
}
