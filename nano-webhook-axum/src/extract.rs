use std::fmt;

use axum_core::body::Body;
use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::Version;
use http::request::Parts;
use nano_webhook_core::{Delivery, FromDelivery, WebhookError, WebhookEvent};

use crate::response::{finish, problem};

/// Extracts what a [`WebhookLayer`](crate::WebhookLayer) on the route has
/// verified.
///
/// - `Webhook(event): Webhook` gives the [`WebhookEvent`],
/// - `Webhook(delivery): Webhook<Delivery>` gives the event, the signed body,
///   when it was signed, and which secret signed it.
///
/// It does not take the request's body, so it can stand anywhere in a handler's
/// arguments, several times, and beside `Bytes` or `Json` (last, as always),
/// which read the signed body.
///
/// # Rejection
///
/// There is one reason: no layer has verified the request. The answer is 500
/// `not_configured`, and the log says what to add where. Everything that can be
/// wrong with a request, the layer has refused before.
#[derive(Clone, Debug)]
pub struct Webhook<T = WebhookEvent>(pub T);

impl<T: FromDelivery, S: Sync> FromRequestParts<S> for Webhook<T> {
    type Rejection = WebhookRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebhookRejection> {
        match parts.extensions.get_mut::<Delivery>() {
            Some(delivery) => Ok(Self(T::from_delivery(delivery))),
            None => Err(WebhookRejection::not_configured(parts.version)),
        }
    }
}

/// Why a [`Webhook`] could not be extracted.
#[derive(Clone, Debug)]
pub struct WebhookRejection {
    error: WebhookError,
    version: Version,
}

impl WebhookRejection {
    fn not_configured(version: Version) -> Self {
        let error = WebhookError::NotConfigured {
            remedy: "the handler takes a Webhook, but its route has no WebhookLayer; \
                     add .layer(WebhookLayer::new(verifier)) to the route",
        };
        error.log();
        Self { error, version }
    }

    /// The error, as in the log.
    #[must_use]
    pub fn error(&self) -> &WebhookError {
        &self.error
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        let mut response = problem(&self.error).map(Body::from);
        finish(self.error, self.version, &mut response);
        response
    }
}
