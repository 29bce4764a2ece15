use nano_webhook_core::Secret;
use serde::{Deserialize, Serialize};

use crate::event_type::EventType;
use crate::id::WebhookId;
use crate::open_enum::open_enum;

/// A webhook as the provider has it. Its secret is not part of it: the provider
/// never gives one back.
///
/// Fields that are not documented are ignored. `Serialize` writes the
/// documented shape again, for tools that print it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Webhook {
    /// Names it, among other things for [`Client::delete`](crate::Client::delete).
    pub id: WebhookId,
    /// Where deliveries are posted to.
    pub url: String,
    /// What it subscribes to, in the provider's order.
    pub events: Vec<EventType>,
    /// Whether it delivers.
    pub status: WebhookStatus,
}

impl Webhook {
    /// Whether the status is `active`.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == WebhookStatus::Active
    }
}

open_enum! {
    /// Whether a webhook delivers. The provider's page shows `active` and no
    /// other; everything else is read as "does not deliver".
    WebhookStatus {
        /// `active`: deliveries are sent.
        Active = "active",
    }
}

/// A webhook that is to be created.
///
/// `Debug` does not print the secret.
///
/// ```
/// use nano_webhook_client::{EventType, NewWebhook, Secret};
///
/// let webhook = NewWebhook::new(
///     "https://your-server.com/webhook",
///     EventType::DOCUMENTED,
///     Secret::new("whsec-0123456789abcdef")?,
/// );
/// assert!(!format!("{webhook:?}").contains("whsec-"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct NewWebhook {
    pub(crate) url: String,
    pub(crate) events: Vec<EventType>,
    pub(crate) secret: Option<Secret>,
}

impl NewWebhook {
    /// A webhook whose deliveries are signed with this secret.
    ///
    /// Nothing is checked here; what makes a good URL is the provider's to say.
    pub fn new<E: Into<EventType>>(
        url: impl Into<String>,
        events: impl IntoIterator<Item = E>,
        secret: Secret,
    ) -> Self {
        Self {
            secret: Some(secret),
            ..Self::without_secret(url, events)
        }
    }

    /// A webhook without a `secret_key`.
    ///
    /// It is optional for the provider. What is delivered then, nobody can tell
    /// from a forgery, so the receivers of this project cannot take it (D10).
    pub fn without_secret<E: Into<EventType>>(
        url: impl Into<String>,
        events: impl IntoIterator<Item = E>,
    ) -> Self {
        Self {
            url: url.into(),
            events: events.into_iter().map(Into::into).collect(),
            secret: None,
        }
    }

    /// Where deliveries are to be posted to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it is to subscribe to.
    #[must_use]
    pub fn events(&self) -> &[EventType] {
        &self.events
    }

    /// What its deliveries are to be signed with.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        self.secret.as_ref()
    }
}
