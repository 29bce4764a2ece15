use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use nano_webhook_core::Secret;
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::id::WebhookId;

/// A webhook as the provider stores it. The secret is not included: the provider
/// never returns one.
///
/// `Serialize` writes the documented shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Webhook {
    /// Identifies it, for example in [`Client::delete`](crate::Client::delete).
    pub id: WebhookId,
    /// Where deliveries are posted to.
    pub url: String,
    /// The events it subscribes to, in the provider's order.
    pub events: Vec<EventType>,
    /// The status as the provider sent it. `active` is documented; a webhook with
    /// any other status is treated as one that does not deliver.
    pub status: String,
}

impl Webhook {
    /// Whether deliveries are sent: the status is `active`, in any case.
    pub fn is_active(&self) -> bool {
        self.status.eq_ignore_ascii_case("active")
    }

    pub(crate) fn subscribes_to(&self, events: &[EventType]) -> bool {
        self.events.iter().all(|event| events.contains(event))
            && events.iter().all(|event| self.events.contains(event))
    }

    /// Unknown fields are ignored. The error never repeats what the provider sent.
    pub(crate) fn read(entry: &Value) -> Result<Self, &'static str> {
        let event = |event: &Value| event.as_str().map(EventType::from);
        let events = entry.get("events").and_then(Value::as_array);
        Ok(Self {
            id: id(entry)
                .ok_or("`id` is neither a whole number nor 1 to 128 letters, digits and -._~")?,
            url: text(entry, "url").ok_or("`url` is not a text")?,
            events: events
                .and_then(|events| events.iter().map(event).collect())
                .ok_or("`events` is not a list of texts")?,
            status: text(entry, "status").ok_or("`status` is not a text")?,
        })
    }
}

pub(crate) fn id(entry: &Value) -> Option<WebhookId> {
    WebhookId::read(entry.get("id")?)
}

pub(crate) fn text(entry: &Value, field: &str) -> Option<String> {
    Some(entry.get(field)?.as_str()?.to_owned())
}

/// The name of an event that a webhook can subscribe to.
///
/// ```
/// use nano_webhook_client::EventType;
///
/// assert_eq!(EventType::from("job.failed"), EventType::JOB_FAILED);
/// assert_eq!(EventType::from("job.queued").as_str(), "job.queued");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct EventType(Cow<'static, str>);

impl EventType {
    /// `job.completed`: a task completed successfully.
    pub const JOB_COMPLETED: Self = Self(Cow::Borrowed("job.completed"));

    /// `job.failed`: a task failed.
    pub const JOB_FAILED: Self = Self(Cow::Borrowed("job.failed"));

    /// Every event that the provider documents.
    pub const DOCUMENTED: [Self; 2] = [Self::JOB_COMPLETED, Self::JOB_FAILED];

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for EventType {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl From<&str> for EventType {
    fn from(name: &str) -> Self {
        name.to_owned().into()
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A webhook to create. `Serialize` is not implemented, and `Debug` does not print
/// the secret.
///
/// Every call borrows it, so the caller still has the secret when a call fails
/// after the webhook was created.
#[derive(Debug)]
pub struct NewWebhook {
    pub(crate) url: String,
    pub(crate) events: Vec<EventType>,
    pub(crate) secret: Option<Secret>,
}

impl NewWebhook {
    /// A webhook whose deliveries are signed with this secret. The provider
    /// validates the URL and the events.
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

    /// A webhook without a `secret_key`, which the provider allows.
    ///
    /// Its deliveries cannot be told from forgeries, so the receivers of this
    /// project reject them.
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

    /// The body of a request, in memory that is overwritten when the request is
    /// done. The buffers of the connection are not.
    pub(crate) fn to_json(&self) -> Bytes {
        /// In the order of the documented example.
        #[derive(Serialize)]
        struct Body<'a> {
            url: &'a str,
            events: &'a [EventType],
            #[serde(skip_serializing_if = "Option::is_none")]
            secret_key: Option<&'a str>,
        }
        let body = Body {
            url: &self.url,
            events: &self.events,
            secret_key: self.secret.as_ref().map(Secret::expose),
        };
        // Allocated once, so that growing leaves no partial copy behind. An escaped
        // character has up to 6 bytes, a field or an event up to 16 more.
        let names = body.events.iter().map(|event| event.as_str().len());
        let texts = names.chain([body.url.len(), body.secret_key.map_or(0, str::len)]);
        let most = texts.map(|length| length.saturating_mul(6).saturating_add(16));
        let most = most.fold(64, usize::saturating_add);
        let mut json = Zeroizing::new(Vec::with_capacity(most));
        // Neither the writer nor a struct of texts fails.
        let _ = serde_json::to_writer(&mut *json, &body);
        Bytes::from_owner(json)
    }
}
