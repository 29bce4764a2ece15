use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Uri};
use serde::Serialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::auth::Auth;
use crate::builder::ClientBuilder;
use crate::error::Error;
use crate::id::WebhookId;
use crate::kind::{ErrorKind, Operation};
use crate::pages::Pages;
use crate::retry::RetryPolicy;
use crate::transport::{Answer, Request, Transport};
use crate::url::BaseUrl;
use crate::webhook::{self, EventType, NewWebhook, Webhook, WebhookList};

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
    pub fn new(base_url: impl Into<String>, auth: Auth) -> Result<Self, Error> {
        Self::builder(base_url, auth).build()
    }

    /// A client with other settings.
    pub fn builder(base_url: impl Into<String>, auth: Auth) -> ClientBuilder {
        ClientBuilder::new(base_url.into(), auth)
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base_url.text
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
        let incomplete = |why: String| {
            let mut error = Error::new(ErrorKind::IncompleteList, why);
            error.0.operation = Some(Operation::List);
            error
        };
        let mut list = WebhookList::default();
        let (mut entries, mut pages) = (0, 0);
        let mut next = Some(self.shared.base_url.webhooks.clone());
        while let Some(uri) = next {
            let page = self.call(&Operation::List, uri.clone(), Bytes::new(), read_page);
            let (page, found) = page.await?;
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
        let uri = self.shared.base_url.webhooks.clone();
        let read = |answer: &Answer| {
            let envelope = answer.envelope()?;
            let data = envelope.get("data").unwrap_or(&Value::Null);
            Webhook::read(data).map_err(|problem| {
                let mut error = answer.unexpected(problem);
                error.0.created = webhook::id(data);
                error
            })
        };
        self.call(&Operation::Create, uri, to_json(webhook), read)
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
        let Some(uri) = self.shared.base_url.webhook(&id) else {
            return Err(Error::invalid("the URL of the webhook is too long"));
        };
        let read = |answer: &Answer| {
            let envelope = match answer.status {
                200..=299 if answer.is_empty() => Map::new(),
                _ => answer.envelope()?,
            };
            match envelope.get("data").and_then(webhook::id) {
                Some(other) if other != id => Err(answer.unexpected("it names another webhook")),
                _ => Ok(()),
            }
        };
        let operation = Operation::Delete(id.clone());
        match self.call(&operation, uri, Bytes::new(), read).await {
            Err(error) if error.status() == Some(404) && error.may_have_taken_effect() => Ok(()),
            outcome => outcome,
        }
    }

    /// Repeats a call until it succeeds or may not be retried.
    async fn call<T>(
        &self,
        operation: &Operation,
        uri: Uri,
        body: Bytes,
        read: impl Fn(&Answer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let method = match operation {
            Operation::List => Method::GET,
            Operation::Create => Method::POST,
            Operation::Delete(_) => Method::DELETE,
        };
        let request = Request { method, uri, body };
        let mut uncertain = false;
        let mut attempt = 1;
        loop {
            let answer = self.shared.transport.exchange(request.clone()).await;
            let mut error = match answer.and_then(|answer| read(&answer)) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            uncertain |= error.is_uncertain();
            error.0.operation = Some(operation.clone());
            (error.0.attempts, error.0.uncertain) = (attempt, uncertain);
            let retry = &self.shared.retry;
            let Some(delay) = retry.delay(attempt, operation, &error, fastrand::f64()) else {
                return Err(error);
            };
            tracing::debug!(%error, ?delay, "retrying");
            attempt = attempt.saturating_add(1);
            self.shared.transport.sleep(delay).await;
        }
    }
}

/// The entries of one page, and what it says about others.
fn read_page(answer: &Answer) -> Result<(Vec<Value>, Pages), Error> {
    let mut envelope = answer.envelope()?;
    let pages = Pages::read(&answer.headers, &envelope);
    match envelope.remove("data") {
        Some(Value::Array(_)) if answer.status == 206 => {
            Err(Error::new(ErrorKind::IncompleteList, "").with_status(206))
        }
        Some(Value::Array(entries)) => Ok((entries, pages)),
        _ => Err(answer.unexpected("`data` is not a list")),
    }
}

/// In memory that is overwritten when the request is done. The buffers of the
/// connection are not.
fn to_json(webhook: &NewWebhook) -> Bytes {
    /// In the order of the documented example.
    #[derive(Serialize)]
    struct Body<'a> {
        url: &'a str,
        events: &'a [EventType],
        #[serde(skip_serializing_if = "Option::is_none")]
        secret_key: Option<&'a str>,
    }
    let (url, events) = (webhook.url.as_str(), webhook.events.as_slice());
    let secret_key = webhook.secret.as_ref().map(|secret| secret.expose());
    let names = events.iter().map(|event| event.as_str().len());
    let texts = names.chain([url.len(), secret_key.map_or(0, str::len)]);
    // Allocated once, so that no partial copy is left behind by growing. An escaped
    // character has up to 6 bytes, a field or an event up to 16 more.
    let most = texts.fold(64, |sum: usize, length| {
        sum.saturating_add(length.saturating_mul(6))
            .saturating_add(16)
    });
    let mut json = Zeroizing::new(Vec::with_capacity(most));
    // Neither the writer nor a struct of texts fails.
    let _ = serde_json::to_writer(
        &mut *json,
        &Body {
            url,
            events,
            secret_key,
        },
    );
    Bytes::from_owner(json)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url())
            .field("auth", &self.shared.auth)
            .finish_non_exhaustive()
    }
}
