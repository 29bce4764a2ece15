use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Uri};
use serde_json::Value;

use crate::auth::Auth;
use crate::error::{Error, ErrorKind};
use crate::id::WebhookId;
use crate::list::WebhookList;
use crate::pages::Pages;
use crate::retry::{RetryPolicy, is_uncertain};
use crate::transport::{Answer, Request, Transport, envelope, is_empty, unexpected};
use crate::url::BaseUrl;
use crate::webhook::{self, NewWebhook, Webhook};

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
pub struct Client(pub(crate) Arc<Shared>);

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
    /// As for [`ClientBuilder::build`](crate::ClientBuilder::build).
    pub fn new(base_url: impl Into<String>, auth: Auth) -> Result<Self, Error> {
        Self::builder(base_url, auth).build()
    }

    /// The base URL, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.0.base_url.text
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
        let incomplete = |why: String| Err(Error::new(ErrorKind::IncompleteList, why));
        let mut list = WebhookList::default();
        let (mut entries, mut pages) = (0, 0);
        let mut next = Some(self.0.base_url.webhooks.clone());
        while let Some(uri) = next {
            let request = request(Method::GET, uri.clone(), Bytes::new());
            let page = self.call("list the webhooks", request, read_page);
            let (page, found) = page.await?;
            page.iter().for_each(|entry| list.push(entry));
            entries = found.entries.max(entries);
            pages += 1;
            next = found.next(&self.0.base_url)?;
            if next.as_ref() == Some(&uri) || pages == MOST_PAGES {
                return incomplete("its pages do not end".to_owned());
            }
            if next.is_none() && found.pages > pages {
                return incomplete(format!("it has {pages} of {} pages", found.pages));
            }
        }
        match list.len() as u64 {
            count if count < entries => incomplete(format!("it has {count} of {entries} entries")),
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
        let uri = self.0.base_url.webhooks.clone();
        let request = request(Method::POST, uri, webhook.to_json());
        let read = |answer: &Answer| {
            let envelope = envelope(answer)?;
            let data = envelope.get("data").unwrap_or(&Value::Null);
            Webhook::read(data).map_err(|problem| {
                let mut error = unexpected(answer, problem);
                error.facts.created = webhook::id(data);
                error
            })
        };
        self.call("create the webhook", request, read).await
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
        let Some(uri) = self.0.base_url.webhook(&id) else {
            return Err(Error::invalid("the URL of the webhook is too long"));
        };
        let request = request(Method::DELETE, uri, Bytes::new());
        let read = |answer: &Answer| {
            if is_empty(answer) && answer.status().is_success() {
                return Ok(());
            }
            match envelope(answer)?.get("data").and_then(webhook::id) {
                Some(other) if other != id => Err(unexpected(answer, "it names another webhook")),
                _ => Ok(()),
            }
        };
        let name = format!("delete webhook {id}");
        match self.call(&name, request, read).await {
            Err(error) if error.status() == Some(404) && error.may_have_taken_effect() => Ok(()),
            outcome => outcome,
        }
    }

    /// Repeats a call until it succeeds or may not be retried.
    async fn call<T>(
        &self,
        name: &str,
        request: Request,
        read: impl Fn(&Answer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let shared = &*self.0;
        let (mut attempt, mut uncertain) = (1, false);
        loop {
            let answer = shared.transport.exchange(request.clone()).await;
            let mut error = match answer.and_then(|answer| read(&answer)) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            uncertain |= is_uncertain(request.method(), &error);
            name.clone_into(&mut error.facts.call);
            (error.facts.attempts, error.facts.uncertain) = (attempt, uncertain);
            let delay = (shared.retry).delay(attempt, request.method(), &error, fastrand::f64());
            let Some(delay) = delay else {
                return Err(error);
            };
            tracing::debug!(%error, ?delay, "retrying");
            attempt = attempt.saturating_add(1);
            shared.transport.sleep(delay).await;
        }
    }
}

fn request(method: Method, uri: Uri, body: Bytes) -> Request {
    let mut request = Request::new(body);
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    request
}

/// The entries of one page, and what it says about others.
fn read_page(answer: &Answer) -> Result<(Vec<Value>, Pages), Error> {
    let mut envelope = envelope(answer)?;
    let pages = Pages::read(answer.headers(), &envelope);
    match envelope.remove("data") {
        Some(Value::Array(_)) if answer.status() == 206 => {
            Err(Error::new(ErrorKind::IncompleteList, "").with_status(answer.status()))
        }
        Some(Value::Array(entries)) => Ok((entries, pages)),
        _ => Err(unexpected(answer, "`data` is not a list")),
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Client");
        shown.field("base_url", &self.base_url());
        shown.field("auth", &self.0.auth).finish_non_exhaustive()
    }
}
