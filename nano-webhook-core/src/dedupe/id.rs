use std::fmt;

use crate::delivery::Delivery;
use crate::error::ConfigError;
use crate::event::WebhookEvent;
use crate::mac::hash_fields;

/// The scope in which a delivery is handled once: account, environment,
/// endpoint; whatever tells your receivers apart. Two services with the same
/// namespace on the same store swallow each other's deliveries (D8).
///
/// ```
/// use nano_webhook_core::dedupe::Namespace;
///
/// let namespace = Namespace::new("acme/production/billing")?;
/// assert!(Namespace::new("").is_err());
/// # Ok::<(), nano_webhook_core::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Namespace(String);

impl Namespace {
    /// A namespace with this name.
    ///
    /// # Errors
    /// [`ConfigError::EmptyNamespace`] if the name is empty.
    pub fn new(name: impl Into<String>) -> Result<Self, ConfigError> {
        let name = name.into();
        if name.is_empty() {
            return Err(ConfigError::EmptyNamespace);
        }
        Ok(Self(name))
    }

    /// The scope of one process, for a store that nobody else can reach.
    #[must_use]
    pub fn process() -> Self {
        Self(String::from("process"))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What makes two deliveries the same: namespace, event and task (D8), because a
/// job ends once. Of an unknown event nobody knows how often it comes for one
/// task, so it is identified by its signed body.
///
/// It is a SHA-256 over these, each behind its length, so it says nothing of
/// them, has one size, and can stand in a key or a log. It is made from the
/// signed body only: an unsigned header must not decide what is a duplicate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId([u8; 32]);

impl DeliveryId {
    /// The identity of a delivery within a namespace.
    #[must_use]
    pub fn new(namespace: &Namespace, delivery: &Delivery) -> Self {
        let event = delivery.event();
        let (kind, identity): (&[u8], &[u8]) = match event {
            WebhookEvent::Unknown(_) => (b"body", delivery.body()),
            known => (b"task", known.task_id().unwrap_or_default().as_bytes()),
        };
        Self(hash_fields(&[
            b"nano-webhook delivery 1",
            namespace.as_str().as_bytes(),
            event.name().as_bytes(),
            kind,
            identity,
        ]))
    }

    /// An identity from bytes, for stores and their tests.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 lower-case hex digits.
impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryId({self})")
    }
}
