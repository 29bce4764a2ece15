use std::time::Duration;

use nano_webhook_core::ConfigError;
use nano_webhook_core::dedupe::Namespace;
use redis::aio::ConnectionLike;
use redis::{AsyncConnectionConfig, Client, ConnectionInfo, IntoConnectionInfo, RedisError};

use crate::error::RedisStoreError;
use crate::eviction;
use crate::link::{Given, Link, Reconnecting, Repair};
use crate::redaction::Redaction;
use crate::socket;
use crate::store::{RedisStore, Settings};

/// How many deliveries a server is tried with. A node of a cluster is right for
/// some keys, and one of three would pass with one key in three.
const SAMPLES: usize = 16;

/// The settings of a [`RedisStore`]. Made by [`RedisStore::builder`].
///
/// | setting | default |
/// |---|---|
/// | [`prefix`](Self::prefix) | `nano-webhook:` |
/// | [`connect_timeout`](Self::connect_timeout) | 2 seconds |
/// | [`command_timeout`](Self::command_timeout) | 1 second |
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use nano_webhook_core::dedupe::Namespace;
/// use nano_webhook_redis::RedisStore;
///
/// let store = RedisStore::builder(Namespace::new("acme/production/billing")?)
///     .prefix("billing:webhooks:")
///     .command_timeout(Duration::from_millis(500))
///     .connect("redis://:password@redis.internal:6379/0")
///     .await?;
/// # let _ = store;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RedisStoreBuilder {
    namespace: Namespace,
    prefix: String,
    connect_timeout: Duration,
    command_timeout: Duration,
    #[cfg(feature = "tls")]
    certificates: Option<redis::TlsCertificates>,
}

impl RedisStoreBuilder {
    pub(crate) fn new(namespace: Namespace) -> Self {
        Self {
            namespace,
            prefix: String::from("nano-webhook:"),
            connect_timeout: Duration::from_secs(2),
            command_timeout: Duration::from_secs(1),
            #[cfg(feature = "tls")]
            certificates: None,
        }
    }

    /// What every key begins with. Default: `nano-webhook:`.
    ///
    /// It keeps the keys of several applications on one server apart for people
    /// and for access rules (ACL). What keeps their deliveries apart is the
    /// namespace.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long a connection may take to be there: name resolution, TCP, TLS and
    /// log-in together. Default: 2 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long the server may take to answer. Default: 1 second.
    ///
    /// A call on the store lasts for at most the connect timeout and twice the
    /// command timeout, 4 seconds by default; after that it is an error, whatever
    /// the server does. It takes that long only where a connection has died in
    /// silence: the call waits for an answer on the old one, connects, and is
    /// repeated on the new one.
    pub fn command_timeout(mut self, timeout: Duration) -> Self {
        self.command_timeout = timeout;
        self
    }

    /// Certificates for `rediss://`: those of your own authority, and a client's.
    /// By default the server's is checked against the operating system's, and the
    /// client has none.
    #[cfg(feature = "tls")]
    pub fn certificates(mut self, certificates: redis::TlsCertificates) -> Self {
        self.certificates = Some(certificates);
        self
    }

    /// A store on the server at this URL, once the server has answered:
    /// `redis://[user][:password@]host[:port][/database]`, `rediss://` with the
    /// feature `tls`, or `redis+unix:///path`.
    ///
    /// The server has to prove what it is: a few deliveries that nobody sent are
    /// claimed and released. Their keys are gone within a second.
    ///
    /// With `rediss://`, and only then, the process gets rustls' provider of
    /// cryptography by aws-lc-rs, unless it has another. To choose one, install it
    /// before.
    ///
    /// The connection lives on the runtime that this is called on. Call it in
    /// `main`, not in a worker's factory.
    ///
    /// # Errors
    /// When a setting or the URL is wrong, when the server cannot be reached,
    /// when it does not allow what the store needs (scripts, `TIME`, `GET`, `SET`),
    /// when it is a replica, and when it is a node of a cluster that has others.
    pub async fn connect(self, url: &str) -> Result<RedisStore, RedisStoreError> {
        let store = self.connect_lazy(url)?;
        store.check(SAMPLES).await?;
        Ok(store)
    }

    /// Like [`connect`](Self::connect), but does not wait for the server: the
    /// first call on the store connects. So a service can start while its Redis
    /// is down; until it is up, senders are told to try again (503).
    ///
    /// # Errors
    /// When a setting or the URL is wrong.
    pub fn connect_lazy(self, url: &str) -> Result<RedisStore, RedisStoreError> {
        let info = parse(url)?.set_tcp_settings(socket::settings());
        let redaction = Redaction::of([&info]);
        let address = info.addr().to_string();
        let client = self.client(info)?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            .set_response_timeout(Some(self.command_timeout));
        let link = Reconnecting::new(Repair::Ours, move || {
            let (client, config) = (client.clone(), config.clone());
            async move {
                let mut connection = client
                    .get_multiplexed_async_connection_with_config(&config)
                    .await?;
                eviction::check(&mut connection).await;
                Ok(connection)
            }
        });
        let timeout = self.whole_timeout();
        self.build(link, true, address, redaction, timeout)
    }

    /// A store on a cluster, once it has answered. Give the URLs of some of its
    /// nodes; the others are found. One node of it has a quarter of the connect
    /// timeout, so that a node that is gone does not keep the store from the
    /// others.
    ///
    /// # Errors
    /// As for [`connect`](Self::connect).
    #[cfg(feature = "cluster")]
    pub async fn connect_cluster<U: AsRef<str>>(
        self,
        urls: impl IntoIterator<Item = U>,
    ) -> Result<RedisStore, RedisStoreError> {
        let store = self.connect_cluster_lazy(urls)?;
        store.check(1).await?;
        Ok(store)
    }

    /// Like [`connect_cluster`](Self::connect_cluster), but does not wait for the
    /// cluster.
    ///
    /// # Errors
    /// When a setting or a URL is wrong.
    #[cfg(feature = "cluster")]
    pub fn connect_cluster_lazy<U: AsRef<str>>(
        self,
        urls: impl IntoIterator<Item = U>,
    ) -> Result<RedisStore, RedisStoreError> {
        let infos = urls
            .into_iter()
            .map(|url| parse(url.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        let redaction = Redaction::of(&infos);
        let addresses: Vec<_> = infos.iter().map(|info| info.addr().to_string()).collect();
        #[cfg(feature = "tls")]
        if self.certificates.is_some() || infos.iter().any(crate::tls::is_asked_for) {
            crate::tls::settle_provider();
        }
        let client = redis::cluster::ClusterClientBuilder::new(infos)
            .tcp_settings(socket::settings())
            // Of each node, and each is tried more than once: one that is gone
            // must not use up the time of all.
            .connection_timeout(self.connect_timeout / 4)
            .response_timeout(self.command_timeout);
        #[cfg(feature = "tls")]
        let client = match &self.certificates {
            Some(certificates) => client.certs(certificates.clone()),
            None => client,
        };
        let client = client.build().map_err(|error| unusable(&error))?;
        let connect_timeout = self.connect_timeout;
        let link = Reconnecting::new(Repair::Clients, move || {
            let client = client.clone();
            async move {
                tokio::time::timeout(connect_timeout, client.get_async_connection())
                    .await
                    .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?
            }
        });
        let timeout = self.whole_timeout();
        self.build(link, false, addresses.join(", "), redaction, timeout)
    }

    /// A store on a connection of your own: a `ConnectionManager`, a
    /// `MultiplexedConnection`, a `ClusterConnection`, or whatever finds its
    /// server in another way (Sentinel).
    ///
    /// Its timeouts and how it reconnects are yours to set. No call on the store
    /// lasts for longer than the [`command_timeout`](Self::command_timeout), all
    /// the same.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use nano_webhook_core::dedupe::Namespace;
    /// use nano_webhook_redis::{RedisStore, redis};
    ///
    /// let client = redis::Client::open("redis://redis.internal")?;
    /// let connection = client.get_multiplexed_async_connection().await?;
    /// let store = RedisStore::builder(Namespace::new("acme/production")?)
    ///     .from_connection(connection)?;
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When a setting is wrong.
    pub fn from_connection<C>(self, connection: C) -> Result<RedisStore, RedisStoreError>
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
    {
        let address = String::from("the given connection");
        let timeout = self.command_timeout;
        let redaction = Redaction::default();
        self.build(Given(connection), false, address, redaction, timeout)
    }

    fn client(&self, info: ConnectionInfo) -> Result<Client, RedisStoreError> {
        #[cfg(feature = "tls")]
        {
            if crate::tls::is_asked_for(&info) {
                crate::tls::settle_provider();
            }
            if let Some(certificates) = &self.certificates {
                return Client::build_with_tls(info, certificates.clone())
                    .map_err(|error| unusable(&error));
            }
        }
        Client::open(info).map_err(|error| unusable(&error))
    }

    /// For a call as a whole: an old connection does not answer, a new one is
    /// made, and the call is repeated on it.
    fn whole_timeout(&self) -> Duration {
        self.connect_timeout
            .saturating_add(self.command_timeout.saturating_mul(2))
    }

    fn build(
        self,
        link: impl Link + 'static,
        alone: bool,
        address: String,
        redaction: Redaction,
        timeout: Duration,
    ) -> Result<RedisStore, RedisStoreError> {
        for (setting, value) in [
            ("the connect timeout of Redis", self.connect_timeout),
            ("the command timeout of Redis", self.command_timeout),
        ] {
            if value.is_zero() {
                return Err(ConfigError::Zero { setting }.into());
            }
        }
        Ok(RedisStore::new(Settings {
            namespace: self.namespace,
            prefix: self.prefix,
            timeout,
            alone,
            address,
            redaction,
            link: Box::new(link),
        }))
    }
}

fn parse(url: &str) -> Result<ConnectionInfo, RedisStoreError> {
    url.into_connection_info().map_err(|error| unusable(&error))
}

/// The error without its detail, which may quote the URL.
fn unusable(error: &RedisError) -> RedisStoreError {
    let text = error.to_string();
    let reason = match text.split_once(" - ") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    };
    RedisStoreError::Url { reason }
}
