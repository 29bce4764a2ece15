use std::fmt;
use std::str::FromStr;

use crate::delivery::Delivery;
use crate::event::WebhookEvent;
use crate::mac::{hash, hash_fields};

/// Identifies a delivery. Two deliveries of one namespace are the same if they
/// report the same event of the same task. Unknown events are identified by their
/// signed body, because the provider may send several for one task.
///
/// The id is a SHA-256 hash, so it has one size and can be logged. Only the signed
/// body decides it, never an unsigned header: see [What makes two deliveries the
/// same](https://github.com/nano-webhook/nano-webhook/blob/main/DESIGN.md#d8-what-makes-two-deliveries-the-same).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId([u8; 32]);

impl DeliveryId {
    pub(super) fn new(namespace: &str, delivery: &Delivery) -> Self {
        let event = delivery.event();
        let (kind, identity): (&[u8], &[u8]) = match event {
            WebhookEvent::Unknown(_) => (b"body", delivery.body()),
            known => (b"task", known.task_id().unwrap_or_default().as_bytes()),
        };
        Self(hash_fields(&[
            b"nano-webhook delivery 1",
            namespace.as_bytes(),
            event.name().as_bytes(),
            kind,
            identity,
        ]))
    }

    /// The identity of a delivery with this signed body alone.
    pub(super) fn with_body(&self, body: BodyDigest) -> Self {
        Self(hash_fields(&[b"nano-webhook body 1", &self.0, &body.0]))
    }
}

/// From 64 hex digits, as a log line has them.
impl FromStr for DeliveryId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let mut bytes = [0; 32];
        match hex::decode_to_slice(text, &mut bytes) {
            Ok(()) => Ok(Self(bytes)),
            Err(_) => Err(ParseIdError),
        }
    }
}

/// The text is not a [`DeliveryId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseIdError;

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a delivery id has 64 hex digits")
    }
}

impl std::error::Error for ParseIdError {}

/// Identifies a signed body: the first 16 bytes of its SHA-256.
///
/// Deliveries of one [`DeliveryId`] can have different bodies, for example when
/// the provider corrects a URL. A store returns the digest of the body that was
/// handled, so that a duplicate with another body is noticed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct BodyDigest([u8; 16]);

impl BodyDigest {
    pub(super) fn of(body: &[u8]) -> Self {
        Self(hash(body).first_chunk().copied().unwrap_or_default())
    }
}

macro_rules! bytes_and_hex {
    ($type:ident, $size:literal, $hex:literal) => {
        impl $type {
            /// From its bytes, for stores and their tests.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $size]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $size] {
                &self.0
            }
        }

        #[doc = $hex]
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), self)
            }
        }
    };
}

bytes_and_hex!(DeliveryId, 32, "64 lower-case hex digits.");
bytes_and_hex!(BodyDigest, 16, "32 lower-case hex digits.");

pub(super) use bytes_and_hex;
