use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::error::{Failure, WebhookError};
use crate::event::{self, WebhookEvent};
use crate::keyring::{Authentic, MatchedSecret};
use crate::timestamp::UnixTime;

/// A verified delivery: the event, the body that was signed, when it was
/// signed, and by which secret.
///
/// A [`Verifier`](crate::Verifier) makes it, or
/// [`assume_verified`](Self::assume_verified). A clone shares its content.
#[derive(Clone)]
pub struct Delivery(Arc<Content>);

struct Content {
    signed: Authentic,
    event: WebhookEvent,
}

impl Delivery {
    pub(crate) fn from_verified(signed: Authentic) -> Result<Self, WebhookError> {
        match event::parse(&signed) {
            Ok(event) => Ok(Self(Arc::new(Content { signed, event }))),
            Err(source) => Err(Failure::InvalidEvent {
                source,
                body: signed.body,
            }
            .into()),
        }
    }

    /// A delivery from a body that **was verified before** and then stored, by a
    /// receiver that acknowledges first and works later. Only the event's form is
    /// checked. Never call it with bytes from a request.
    ///
    /// # Errors
    /// `InvalidEvent` if the body is not an event.
    pub fn assume_verified(
        body: impl Into<Bytes>,
        signed_at: UnixTime,
        secret: MatchedSecret,
    ) -> Result<Self, WebhookError> {
        Self::from_verified(Authentic::assumed(body.into(), signed_at, secret))
    }

    /// The typed content of the signed body.
    #[must_use]
    pub fn event(&self) -> &WebhookEvent {
        &self.0.event
    }

    /// The event alone; cloned only if another clone of this delivery exists.
    #[must_use]
    pub fn into_event(self) -> WebhookEvent {
        match Arc::try_unwrap(self.0) {
            Ok(content) => content.event,
            Err(shared) => shared.event.clone(),
        }
    }

    /// The body that was signed, byte for byte.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.0.signed.body
    }

    /// The time in `X-Nano-Timestamp`.
    #[must_use]
    pub fn signed_at(&self) -> UnixTime {
        self.0.signed.signed_at
    }

    /// Which secret signed it.
    #[must_use]
    pub fn secret(&self) -> MatchedSecret {
        self.0.signed.secret
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("event", self.event())
            .field("body_len", &self.body().len())
            .field("signed_at", &self.signed_at())
            .field("secret", &self.secret())
            .finish()
    }
}

/// What a handler can ask an adapter's extractor for: the [`WebhookEvent`], or
/// the whole [`Delivery`]. The trait is sealed.
#[diagnostic::on_unimplemented(
    message = "`Webhook<{Self}>` cannot be extracted",
    label = "this is neither `WebhookEvent` nor `Delivery`",
    note = "take `Webhook(event): Webhook` for the event, or `Webhook(delivery): Webhook<Delivery>` for event, body and signing time"
)]
pub trait FromDelivery: sealed::Sealed + Sized {
    /// Clones what is asked for.
    fn from_delivery(delivery: &Delivery) -> Self;
}

impl FromDelivery for Delivery {
    fn from_delivery(delivery: &Delivery) -> Self {
        delivery.clone()
    }
}

impl FromDelivery for WebhookEvent {
    fn from_delivery(delivery: &Delivery) -> Self {
        delivery.event().clone()
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Delivery {}
    impl Sealed for super::WebhookEvent {}
}
