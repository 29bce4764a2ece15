use axum_core::extract::FromRequestParts;
use http::request::Parts;
use nano_webhook_core::adapter::FromDelivery;
use nano_webhook_core::{Delivery, WebhookError, WebhookEvent};

use crate::answer::WebhookRejection;

/// Extracts what a [`WebhookLayer`](crate::WebhookLayer) on the route has
/// verified.
///
/// - `Webhook(event): Webhook` gives the [`WebhookEvent`],
/// - `Webhook(delivery): Webhook<Delivery>` gives the event, the signed body,
///   when it was signed, and which secret signed it.
///
/// It does not take the request's body, so it can stand anywhere in a handler's
/// arguments, several times, and with `Bytes` or `Json` (last, as always), which
/// read the signed body.
///
/// `Option<Webhook>` is not an extractor: an optional signature would open the
/// endpoint.
///
/// # Rejection
///
/// 500 `not_configured` if no layer has verified the request; the log says what to
/// add, and where. The layer has rejected every other invalid request before.
#[derive(Clone, Debug)]
pub struct Webhook<T = WebhookEvent>(pub T);

impl<T: FromDelivery, S: Sync> FromRequestParts<S> for Webhook<T> {
    type Rejection = WebhookRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebhookRejection> {
        match parts.extensions.get::<Delivery>() {
            Some(delivery) => Ok(Self(T::from_delivery(delivery))),
            None => {
                let error = WebhookError::not_configured(
                    "the handler takes a Webhook, but its route has no WebhookLayer; \
                     add .layer(WebhookLayer::new(verifier)) to the route",
                );
                Err(WebhookRejection::unread(error, parts.version))
            }
        }
    }
}
