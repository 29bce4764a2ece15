use nano_webhook_core::adapter::FromDelivery;
use nano_webhook_core::{Delivery, WebhookError, WebhookEvent};
use poem::{FromRequest, Request, RequestBody, Result};

use crate::answer::WebhookRejection;

/// Extracts what a [`WebhookMiddleware`](crate::WebhookMiddleware) around the handler
/// has verified.
///
/// - `Webhook(event): Webhook` gives the [`WebhookEvent`],
/// - `Webhook(delivery): Webhook<Delivery>` gives the event, the signed body, when it
///   was signed, and which secret signed it.
///
/// It does not take the request's body, so it can stand anywhere in a handler's
/// arguments, several times, and with `Vec<u8>` or `Json`, which read the signed body.
///
/// # Errors
/// 500 `not_configured` if no middleware has verified the request; the log says what to
/// add, and where. The middleware has rejected every other invalid request before.
#[derive(Clone, Debug)]
pub struct Webhook<T = WebhookEvent>(pub T);

impl<'a, T: FromDelivery + Send> FromRequest<'a> for Webhook<T> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        match request.data::<Delivery>() {
            Some(delivery) => Ok(Self(T::from_delivery(delivery))),
            None => {
                let error = WebhookError::not_configured(
                    "the handler takes a Webhook, but no WebhookMiddleware is around it; \
                     add .with(WebhookMiddleware::new(verifier)) to the route",
                );
                Err(WebhookRejection::of(error, request.version()))
            }
        }
    }
}
