use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Uri};
use serde::Serialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::answer::Answer;
use crate::auth::Auth;
use crate::base_url::BaseUrl;
use crate::build_error::BuildError;
use crate::builder::ClientBuilder;
use crate::error::Error;
use crate::error_kind::ErrorKind;
use crate::id::WebhookId;
use crate::operation::Operation;
use crate::pages::Pages;
use crate::retry::RetryPolicy;
use crate::transport::{Request, Transport};
use crate::webhook::{EventType, NewWebhook, Webhook, WebhookList};

/// A list with more pages than this is not read to its end.
const MOST_PAGES: u64 = 1000;

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
/// for webhook in client.list().await?.webhooks {
///     println!("{} {} {}", webhook.id, webhook.status, webhook.url);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) base_url: BaseUrl,
    pub(crate) auth: Auth,
    pub(crate) retry: RetryPolicy,
    pub(crate) list_delay: Duration,
}

impl Client {
    /// A client with the default settings.
    ///
    /// The provider documents no host. The base URL consists of the scheme, the
    /// host, a port if needed, and a path only if the API is mounted below one;
    /// `/api/v1/webhooks` is added to it. `https` needs the feature `tls`.
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

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.shared.base_url.as_str()
    }

    /// All webhooks of the account: `GET /api/v1/webhooks`.
    ///
    /// Further pages are read if the answer links to them (`Link: <…>;
    /// rel="next"`, or a field such as `next` with a URL of the same address).
    ///
    /// # Errors
    /// An [`Error`] of the last attempt. [`ErrorKind::IncompleteList`] if the
    /// answer shows that entries are missing, and not how to get them.
    pub async fn list(&self) -> Result<WebhookList, Error> {
        let incomplete = |why: String| Error::new(ErrorKind::IncompleteList).detail(why);
        let mut list = WebhookList::default();
        let (mut entries, mut pages) = (0, 0);
        let mut next = Some(self.shared.base_url.webhooks());
        while let Some(uri) = next {
            let request = request(Method::GET, uri.clone(), Bytes::new());
            let (page, found) = self.call(&Operation::List, request, read_page).await?;
            page.iter().for_each(|entry| list.push(entry));
            entries = found.entries.max(entries);
            pages += 1;
            next = found.next(&self.shared.base_url).map_err(incomplete)?;
            if next.as_ref() == Some(&uri) || pages == MOST_PAGES {
                return Err(incomplete("its pages do not end".to_owned()));
            }
            if next.is_none() && found.pages > pages {
                return Err(incomplete(format!(
                    "it has {pages} of {} pages",
                    found.pages
                )));
            }
        }
        match u64::try_from(list.len()) {
            Ok(count) if count < entries => {
                Err(incomplete(format!("it has {count} of {entries} entries")))
            }
            _ => Ok(list),
        }
    }

    /// Creates a webhook: `POST /api/v1/webhooks`.
    ///
    /// Each call creates another webhook, also for a URL that has one; each gets
    /// its own delivery. To have exactly one, use [`ensure`](Self::ensure).
    ///
    /// # Errors
    /// An [`Error`] of the last attempt. If [`Error::may_have_taken_effect`] is
    /// true, the webhook may exist: keep its secret, and look with `list`.
    pub async fn create(&self, webhook: &NewWebhook) -> Result<Webhook, Error> {
        let body = CreateRequest::from(webhook).to_json();
        let request = request(Method::POST, self.shared.base_url.webhooks(), body);
        self.call(&Operation::Create, request, |answer| {
            let envelope = answer.envelope()?;
            let data = envelope.get("data").unwrap_or(&Value::Null);
            Webhook::read(data).map_err(|problem| {
                let id = data.get("id").and_then(WebhookId::read);
                answer.unexpected(problem).having(id, &[], &[])
            })
        })
        .await
    }

    /// Deletes a webhook: `DELETE /api/v1/webhooks/{id}`.
    ///
    /// A 404 is a success if an earlier attempt may have deleted the webhook. A
    /// 404 to the first attempt is an error.
    ///
    /// # Errors
    /// An [`Error`] of the last attempt.
    pub async fn delete(&self, id: impl Into<WebhookId>) -> Result<(), Error> {
        let id = id.into();
        let operation = Operation::Delete(id.clone());
        let Some(uri) = self.shared.base_url.webhook(&id) else {
            let error = Error::new(ErrorKind::Unreachable).detail("the URL is too long");
            return Err(error.during(&operation, 0, false));
        };
        let request = request(Method::DELETE, uri, Bytes::new());
        let outcome = self.call(&operation, request, |answer| {
            let envelope = answer.deletion()?;
            let data = envelope.get("data");
            match data.and_then(|data| WebhookId::read(data.get("id")?)) {
                Some(other) if other != id => Err(answer.unexpected("it names another webhook")),
                _ => Ok(()),
            }
        });
        match outcome.await {
            Err(error) if error.status() == Some(404) && error.may_have_taken_effect() => Ok(()),
            outcome => outcome,
        }
    }

    async fn call<T>(
        &self,
        operation: &Operation,
        request: Request,
        read: impl Fn(&Answer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut uncertain = false;
        let mut attempt = 1;
        loop {
            let answer = self.shared.transport.exchange(request.clone()).await;
            let error = match answer.and_then(|answer| read(&answer)) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            uncertain |= error.is_uncertain();
            let delay = (self.shared.retry).delay(attempt, operation, &error, fastrand::f64());
            let error = error.during(operation, attempt, uncertain);
            let Some(delay) = delay else {
                return Err(error);
            };
            tracing::debug!(%error, ?delay, "retrying");
            attempt = attempt.saturating_add(1);
            self.shared.transport.sleep(delay).await;
        }
    }
}

fn request(method: Method, uri: Uri, body: Bytes) -> Request {
    Request { method, uri, body }
}

/// The entries of one page, and what it says about others.
fn read_page(answer: &Answer) -> Result<(Vec<Value>, Pages), Error> {
    let mut envelope = answer.envelope()?;
    let pages = Pages::read(&answer.headers, &envelope);
    match envelope.remove("data") {
        Some(Value::Array(_)) if answer.status == 206 => {
            Err(Error::new(ErrorKind::IncompleteList).with_status(206))
        }
        Some(Value::Array(entries)) => Ok((entries, pages)),
        _ => Err(answer.unexpected("`data` is not a list")),
    }
}

/// In the order of the documented example.
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
    /// In memory that is overwritten when the request is done. The buffers of the
    /// connection are not.
    fn to_json(&self) -> Bytes {
        let mut length = Length(0);
        // Neither writer fails, nor does a struct of texts.
        let _ = serde_json::to_writer(&mut length, self);
        // Allocated once, so that no partial copy is left behind by growing.
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
            .field("auth", &self.shared.auth)
            .finish_non_exhaustive()
    }
}
