use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::Auth;
use crate::client::{Client, Shared};
use crate::error::Error;
use crate::hyper_transport::HyperTransport;
use crate::retry::RetryPolicy;
use crate::url::BaseUrl;

/// Settings of a [`Client`]. From [`Client::builder`].
#[must_use]
pub struct ClientBuilder {
    base_url: String,
    pub(crate) auth: Auth,
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    retry: RetryPolicy,
    pub(crate) answer_limit: usize,
    list_delay: Duration,
    plain_http: bool,
}

impl Client {
    /// A client with other settings.
    pub fn builder(base_url: impl Into<String>, auth: Auth) -> ClientBuilder {
        ClientBuilder {
            base_url: base_url.into(),
            auth,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(20),
            retry: RetryPolicy::default(),
            answer_limit: 1024 * 1024,
            list_delay: Duration::from_secs(5),
            plain_http: false,
        }
    }
}

impl ClientBuilder {
    /// How long resolving the name, connecting and the TLS handshake may take
    /// together. Default: 5 seconds. If a kept connection closes just before it is
    /// used, the new one has the time of [`timeout`](Self::timeout).
    ///
    /// Keep it below `timeout`: after that one, the request may have been sent, so a
    /// `create` is not retried.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long one attempt may take, from its beginning to the last byte of the
    /// answer. Default: 20 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often and how soon calls are retried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The largest body of an answer, in bytes. Default: 1 MiB.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.answer_limit = bytes;
        self
    }

    /// How long the provider's list may take to show a change. Default: 5 seconds.
    ///
    /// If the list does not show a new webhook within this time, `ensure` and
    /// `rotate` treat it as a list that is cut off, delete the new webhook, and
    /// fail. Zero means that the list shows changes at once.
    pub fn list_delay(mut self, delay: Duration) -> Self {
        self.list_delay = delay;
        self
    }

    /// Allows a base URL with plain `http` to another machine. The key, and the
    /// secrets of the webhooks, can then be read on the network. Plain `http` to
    /// this machine is always allowed.
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if a setting is invalid,
    /// [`ErrorKind::Setup`](crate::ErrorKind::Setup) if TLS cannot be set up. The
    /// error contains neither the key nor a password in the base URL.
    pub fn build(self) -> Result<Client, Error> {
        let base_url = BaseUrl::parse(&self.base_url, self.plain_http)?;
        for (setting, is_zero) in [
            ("connect_timeout", self.connect_timeout.is_zero()),
            ("timeout", self.timeout.is_zero()),
            ("answer_limit", self.answer_limit == 0),
        ] {
            if is_zero {
                return Err(Error::invalid(format!("{setting} must not be zero")));
            }
        }
        Ok(Client(Arc::new(Shared {
            transport: Box::new(HyperTransport::new(&base_url.webhooks, &self)?),
            base_url,
            auth: self.auth,
            retry: self.retry,
            list_delay: self.list_delay,
        })))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the base URL: before `build` it may contain a password.
        let mut shown = f.debug_struct("ClientBuilder");
        shown.field("auth", &self.auth).finish_non_exhaustive()
    }
}
