use std::sync::Arc;
use std::time::Duration;

use redis::Client;
use redis::aio::ConnectionLike;

use crate::error::RedisStoreError;
use crate::reconnecting::Reconnecting;
use crate::redaction::Redaction;
use crate::socket;
use crate::store::{RedisStore, Settings};

/// The settings of a [`RedisStore`], made by [`RedisStore::builder`].
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use nano_webhook_redis::{RedisStore, redis};
///
/// let store = RedisStore::builder()
///     .prefix("billing:webhooks:")
///     .response_timeout(Duration::from_millis(500))
///     .connect(redis::Client::open("redis://:password@redis.internal:6379/0")?)
///     .await?;
/// # let _ = store;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RedisStoreBuilder {
    prefix: String,
    response_timeout: Duration,
}

impl Default for RedisStoreBuilder {
    fn default() -> Self {
        Self {
            prefix: String::from("nano-webhook:"),
            response_timeout: Duration::from_secs(1),
        }
    }
}

impl RedisStoreBuilder {
    /// The beginning of every key. Default: `nano-webhook:`.
    ///
    /// People and access rules (ACL) recognise the store's keys by it. The namespace
    /// of `Dedupe` keeps deliveries apart, not the prefix.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long the server may take to answer. Default: 1 second. Zero makes every
    /// call fail.
    ///
    /// The store may take twice as long to connect. A call on the store returns after
    /// four times as long at the latest, or after this long with
    /// [`build`](Self::build).
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// A store on one server, once the server has answered. See
    /// [`RedisStore::connect`].
    ///
    /// # Errors
    /// [`RedisStoreError`] if the server cannot be reached, is a replica, is a node of
    /// a cluster that does not hold the key of the sample, or does not permit the
    /// store's commands.
    pub async fn connect(self, client: Client) -> Result<RedisStore, RedisStoreError> {
        let store = self.connect_lazy(client);
        store.check().await?;
        Ok(store)
    }

    /// Like [`connect`](Self::connect), but the first call on the store connects, so
    /// that a service can start while its Redis is down. Until it is up, senders are
    /// told to retry (503).
    #[must_use]
    pub fn connect_lazy(self, client: Client) -> RedisStore {
        let response_timeout = self.response_timeout;
        let info = client.get_connection_info();
        let (address, redaction) = (info.addr().to_string(), Redaction::of(info));
        let tcp = info
            .clone()
            .set_tcp_settings(socket::settings(response_timeout));
        // Only a URL can fail to open.
        let client = Client::open(tcp).unwrap_or(client);
        RedisStore(Arc::new(Settings {
            prefix: self.prefix,
            // A call without an answer, a new connection, and the call again.
            timeout: response_timeout.saturating_mul(4),
            address,
            redaction,
            link: Box::new(Reconnecting::new(client, response_timeout)),
        }))
    }

    /// A store on a connection that you made. See [`RedisStore::new`].
    #[must_use]
    pub fn build<C>(self, connection: C) -> RedisStore
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
    {
        RedisStore(Arc::new(Settings {
            prefix: self.prefix,
            timeout: self.response_timeout,
            address: String::from("a given connection"),
            redaction: Redaction::default(),
            link: Box::new(connection),
        }))
    }
}
