use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::auth::Auth;
use crate::build_error::BuildError;
use crate::builder::ClientBuilder;
use crate::error::{Error, ErrorKind};
use crate::event_type::EventType;
use crate::id::WebhookId;
use crate::operation::Operation;
use crate::transport::{Body, Transport};
use crate::webhook::{NewWebhook, Webhook};

/// A client of the provider's management API. Cheap to clone; clones share their
/// connections.
///
/// ```no_run
/// use nano_webhook_client::{Auth, Client, Secret};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::new(
///     "https://api.example.com",
///     Auth::bearer(Secret::from_file("/run/secrets/api-key")?),
/// )?;
/// for webhook in client.list().await? {
///     println!("{} {} {}", webhook.id, webhook.status, webhook.url);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
}

impl Client {
    /// A client with the default settings.
    ///
    /// The provider's page names no host, so the base URL is yours to give:
    /// scheme, host, port if needed, and a path only if the API is mounted
    /// below one. `/api/v1/webhooks` is added to it.
    ///
    /// # Errors
    /// As for [`ClientBuilder::build`].
    pub fn new(base_url: impl Into<String>, auth: Auth) -> Result<Self, BuildError> {
        Self::builder(base_url, auth).build()
    }

    /// A client with other settings.
    pub fn builder(base_url: impl Into<String>, auth: Auth) -> ClientBuilder {
        ClientBuilder::new(base_url.into(), auth)
    }

    pub(crate) fn from_transport(transport: Arc<Transport>) -> Self {
        Self { transport }
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.transport.base_url.as_str()
    }

    /// All webhooks of the account: `GET /api/v1/webhooks`.
    ///
    /// # Errors
    /// An [`Error`] that says what happened in the last attempt.
    pub async fn list(&self) -> Result<Vec<Webhook>, Error> {
        self.transport
            .call(Operation::List, None, |answer, redactor| {
                answer.data(redactor)
            })
            .await
    }

    /// Creates a webhook: `POST /api/v1/webhooks`.
    ///
    /// The provider may allow several webhooks with the same URL; each then
    /// gets its own delivery. To have exactly one, use
    /// [`ensure`](Self::ensure).
    ///
    /// # Errors
    /// An [`Error`] that says what happened in the last attempt. If
    /// [`Error::may_have_taken_effect`] is true, the webhook may be there.
    pub async fn create(&self, webhook: &NewWebhook) -> Result<Webhook, Error> {
        let json = CreateRequest::from(webhook).to_json();
        let body = Body {
            json: &json,
            secret: webhook.secret(),
        };
        self.transport
            .call(Operation::Create, Some(body), |answer, redactor| {
                answer.data(redactor)
            })
            .await
    }

    /// Deletes a webhook: `DELETE /api/v1/webhooks/{id}`.
    ///
    /// Gone is gone: if an attempt may have arrived although its answer got
    /// lost, a 404 to a later one is taken as success. A 404 to the first
    /// attempt is an error, since then the id was wrong from the start.
    ///
    /// # Errors
    /// An [`Error`] that says what happened in the last attempt.
    pub async fn delete(&self, id: impl Into<WebhookId>) -> Result<(), Error> {
        let id = id.into();
        let outcome = self
            .transport
            .call(Operation::Delete(id.clone()), None, |answer, redactor| {
                let status = answer.status;
                let data = answer.success(redactor)?;
                match deleted_id(data.as_ref()) {
                    Some(deleted) if deleted != id => Err(ErrorKind::Unexpected {
                        status,
                        problem: format!("it speaks of webhook {deleted}"),
                        snippet: None,
                    }),
                    _ => Ok(()),
                }
            })
            .await;
        match outcome {
            Err(error) if error.status() == Some(404) && error.earlier_may_have_taken_effect() => {
                Ok(())
            }
            other => other,
        }
    }
}

/// The id in `{"id": 1}`. An answer without one is a success all the same: the
/// status and `success` have said so.
fn deleted_id(data: Option<&Value>) -> Option<WebhookId> {
    serde::Deserialize::deserialize(data?.get("id")?).ok()
}

/// In the order of the provider's example.
#[derive(Serialize)]
struct CreateRequest<'a> {
    url: &'a str,
    events: &'a [EventType],
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_key: Option<&'a str>,
}

impl<'a> From<&'a NewWebhook> for CreateRequest<'a> {
    fn from(webhook: &'a NewWebhook) -> Self {
        Self {
            url: webhook.url(),
            events: webhook.events(),
            secret_key: webhook.secret().map(|secret| secret.expose()),
        }
    }
}

impl CreateRequest<'_> {
    /// In memory that is overwritten when the request is done. Best effort: the
    /// connection's own buffers are out of reach.
    fn to_json(&self) -> Bytes {
        let mut length = Length(0);
        // Neither writer fails, nor does a struct of texts.
        let _ = serde_json::to_writer(&mut length, self);
        // Of the final size from the start, so no half-grown copy stays behind.
        let mut json = Zeroizing::new(Vec::with_capacity(length.0));
        let _ = serde_json::to_writer(&mut *json, self);
        Bytes::from_owner(json)
    }
}

struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url())
            .field("auth", &self.transport.auth)
            .finish_non_exhaustive()
    }
}
