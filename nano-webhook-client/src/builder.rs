use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::auth::Auth;
use crate::base_url::BaseUrl;
use crate::build_error::BuildError;
use crate::client::Client;
use crate::retry::RetryPolicy;
use crate::transport::Transport;

/// Settings of a [`Client`]. From [`Client::builder`].
#[must_use]
pub struct ClientBuilder {
    base_url: String,
    auth: Auth,
    connect_timeout: Duration,
    timeout: Duration,
    retry: RetryPolicy,
    answer_limit: usize,
    plain_http: bool,
    http: Option<reqwest::ClientBuilder>,
}

impl ClientBuilder {
    /// 5 seconds.
    pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

    /// 20 seconds.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20);

    /// 1 MiB.
    pub const DEFAULT_ANSWER_LIMIT: usize = 1024 * 1024;

    pub(crate) fn new(base_url: String, auth: Auth) -> Self {
        Self {
            base_url,
            auth,
            connect_timeout: Self::DEFAULT_CONNECT_TIMEOUT,
            timeout: Self::DEFAULT_TIMEOUT,
            retry: RetryPolicy::default(),
            answer_limit: Self::DEFAULT_ANSWER_LIMIT,
            plain_http: false,
            http: None,
        }
    }

    /// How long finding the name, connecting and the TLS handshake may take
    /// together. Default: 5 seconds.
    ///
    /// Keep it below [`timeout`](Self::timeout): what runs into that one may
    /// have been sent, so a `create` is not repeated after it.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long one attempt may take, from its beginning to the last byte of
    /// the answer. Default: 20 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often and how soon calls are repeated. Default:
    /// [`RetryPolicy::default`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many bytes an answer may have. Default: 1 MiB.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.answer_limit = bytes;
        self
    }

    /// Allows a base URL with plain `http` to another machine. The key, and the
    /// secrets of the webhooks, can then be read on the way. Plain `http` to
    /// this machine needs no permission.
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Starts from a reqwest builder of your own: for a proxy, your own root
    /// certificates, or another TLS implementation.
    ///
    /// Set last, and so not yours: no redirection is followed, no request is
    /// repeated by reqwest itself, the connect timeout, the authentication
    /// header and `User-Agent`.
    ///
    /// Without it, proxies are taken from the environment (`HTTPS_PROXY` and so
    /// on), except for a base URL on this machine: a proxy elsewhere could not
    /// reach it.
    pub fn http(mut self, builder: reqwest::ClientBuilder) -> Self {
        self.http = Some(builder);
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    /// A [`BuildError`] that says which setting is wrong.
    pub fn build(self) -> Result<Client, BuildError> {
        let base_url = BaseUrl::parse(&self.base_url, self.plain_http)?;
        for (setting, is_zero) in [
            ("connect_timeout", self.connect_timeout.is_zero()),
            ("timeout", self.timeout.is_zero()),
            ("answer_limit", self.answer_limit == 0),
        ] {
            if is_zero {
                return Err(BuildError::Zero { setting });
            }
        }
        let http = self.http.unwrap_or_else(|| {
            let http = reqwest::Client::builder();
            if base_url.is_loopback() {
                http.no_proxy()
            } else {
                http
            }
        });
        let http = http
            .default_headers(HeaderMap::from_iter(self.auth.to_header()?))
            .user_agent(concat!("nano-webhook-client/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout)
            // Long enough for the calls of one `ensure`. A connection that has
            // idled longer may be closed by the other side just as a `create`
            // goes out, and nobody would know whether it had arrived.
            .pool_idle_timeout(Duration::from_secs(2))
            .build()
            .map_err(|error| BuildError::Http {
                source: Box::new(error),
            })?;
        Ok(Client::from_transport(Arc::new(Transport {
            http,
            base_url,
            auth: self.auth,
            timeout: self.timeout,
            retry: self.retry,
            answer_limit: self.answer_limit,
        })))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the base URL: it is not checked yet, and may have a password in it.
        f.debug_struct("ClientBuilder")
            .field("auth", &self.auth)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .field("answer_limit", &self.answer_limit)
            .finish_non_exhaustive()
    }
}
