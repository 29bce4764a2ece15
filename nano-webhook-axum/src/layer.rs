use bytes::Bytes;
use http::Response;
use http::request::Parts;
use nano_webhook_core::dedupe::Dedupe;
use nano_webhook_core::{ConfigError, Verification, Verifier, WebhookError};
use tower_layer::Layer;

use crate::dedupe::DedupeLayer;
use crate::headers::Headers;
use crate::rejection::Rejections;
use crate::service::WebhookService;

/// Verifies deliveries before the inner service sees them.
///
/// Put it on the webhook's route only (`MethodRouter::layer`), or on a router of
/// its own: around a whole application it would refuse every other request.
///
/// # What the inner service gets
///
/// - the [`Delivery`](crate::Delivery) in the request's extensions, where
///   [`Webhook`](crate::Webhook) finds it,
/// - the signed body, unread, as a [`VerifiedBody`](crate::VerifiedBody).
///
/// # What it refuses
///
/// Every request that is not a correctly signed, fresh delivery, with a problem
/// document. The [`WebhookError`] is in the response's extensions, and one
/// `tracing` event says why. What is wrong with the head (missing, malformed,
/// stale, encoded, too large by its `Content-Length`) is answered before one
/// byte of the body is read.
///
/// # Readiness
///
/// While a body arrives, no inner service is held ready: somebody who sends one
/// slowly must not occupy a place in a concurrency limit. The inner service is
/// cloned, and made ready only after the verdict.
///
/// # Runtime
///
/// A body that is not there with its head is waited for with tokio's timer: poll
/// the service inside a tokio runtime that has it (`enable_time`).
///
/// # Deployment caveat
///
/// Without [`dedupe`](Self::dedupe), a delivery that somebody captured can be
/// replayed for as long as the tolerance window lasts.
///
/// ```
/// use axum::{Router, http::StatusCode, routing::post};
/// use nano_webhook_axum::{Secret, Verifier, Webhook, WebhookEvent, WebhookLayer};
///
/// async fn on_event(Webhook(event): Webhook) -> StatusCode {
///     if let WebhookEvent::Completed(job) = event {
///         println!("{} is at {}", job.task_id, job.url);
///     }
///     StatusCode::OK
/// }
///
/// let verifier = Verifier::new(Secret::new("your-secret-key-of-some-length")?);
/// let app: Router = Router::new()
///     .route("/webhook", post(on_event).layer(WebhookLayer::new(verifier)));
/// # Ok::<(), nano_webhook_axum::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct WebhookLayer {
    pub(crate) verifier: Verifier,
    pub(crate) rejections: Rejections,
}

impl WebhookLayer {
    /// A layer that lets through what this verifier accepts.
    pub fn new(verifier: Verifier) -> Self {
        Self {
            verifier,
            rejections: Rejections::default(),
        }
    }

    /// Answers refused requests in your own format. Whatever the hook returns,
    /// the error is put into its extensions, and `Connection: close` is set
    /// where a body stays unread.
    ///
    /// The error's text is for you, not for the sender.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Response, StatusCode};
    /// # use nano_webhook_axum::{Secret, Verifier, WebhookLayer};
    /// # let verifier = Verifier::new(Secret::new("your-secret-key-of-some-length")?);
    ///
    /// let layer = WebhookLayer::new(verifier).on_rejection(|error| {
    ///     let mut response = Response::new(Bytes::from(error.code()));
    ///     *response.status_mut() = StatusCode::from_u16(error.status()).unwrap_or_default();
    ///     response
    /// });
    /// # let _ = layer;
    /// # Ok::<(), nano_webhook_axum::ConfigError>(())
    /// ```
    pub fn on_rejection(
        mut self,
        hook: impl Fn(&WebhookError) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.rejections = Rejections::new(hook);
        self
    }

    /// Handles each delivery once. Takes a store, or a [`Dedupe`] with other
    /// settings.
    ///
    /// # Errors
    /// [`ConfigError`] if the settings do not fit the verifier's tolerance
    /// window; see [`Dedupe::validate`].
    pub fn dedupe(self, dedupe: impl Into<Dedupe>) -> Result<DedupeLayer, ConfigError> {
        DedupeLayer::new(self, dedupe.into())
    }

    /// Judges the head, before the body is touched.
    pub(crate) fn begin(&self, head: &Parts) -> Result<Verification, WebhookError> {
        self.verifier
            .begin(&Headers(&head.headers), self.verifier.now())
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
