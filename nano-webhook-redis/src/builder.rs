use std::time::Duration;

use redis::Client;
use redis::aio::ConnectionLike;

use crate::error::RedisStoreError;
use crate::link::Link;
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

impl RedisStoreBuilder {
    pub(crate) fn new() -> Self {
        Self {
            prefix: String::from("nano-webhook:"),
            response_timeout: Duration::from_secs(1),
        }
    }

    /// The beginning of every key. Default: `nano-webhook:`.
    ///
    /// It tells people and access rules (ACL) whose keys they are. The namespace of
    /// `Dedupe` keeps deliveries apart, not the prefix.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long the server may take to answer. Default: 1 second.
    ///
    /// A connection that the store makes may take twice as long to establish. A
    /// call on the store returns after four times this long at the latest, or after
    /// this long on a connection given to [`build`](Self::build).
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// A store on one server, once the server has answered. See
    /// [`RedisStore::connect`].
    ///
    /// # Errors
    /// [`RedisStoreError`] if the response timeout is zero, the server cannot be
    /// reached, it is a replica, it is a node of a cluster that does not hold the
    /// key of the sample claim, or it does not permit the store's commands.
    pub async fn connect(self, client: Client) -> Result<RedisStore, RedisStoreError> {
        let store = self.connect_lazy(client)?;
        store.check().await?;
        Ok(store)
    }

    /// Like [`connect`](Self::connect), but the first call on the store connects, so
    /// that a service can start while its Redis is down. Until it is up, senders
    /// are told to retry (503).
    ///
    /// # Errors
    /// [`RedisStoreError::ZeroTimeout`].
    pub fn connect_lazy(self, client: Client) -> Result<RedisStore, RedisStoreError> {
        self.check()?;
        let info = client.get_connection_info();
        let (address, redaction) = (info.addr().to_string(), Redaction::of(info));
        let info = info
            .clone()
            .set_tcp_settings(socket::settings(self.response_timeout));
        let client = Client::open(info).map_err(|error| RedisStoreError::Failed {
            reason: redaction.text(&error),
        })?;
        let connect_timeout = self.response_timeout.saturating_mul(2);
        let link = Reconnecting::new(client, connect_timeout, self.response_timeout);
        // A call that is not answered, a new connection, and the call again.
        let timeout = self.response_timeout.saturating_mul(4);
        Ok(self.store(link, address, redaction, timeout))
    }

    /// A store on a connection that you made. See [`RedisStore::new`].
    ///
    /// # Errors
    /// [`RedisStoreError::ZeroTimeout`].
    pub fn build<C>(self, connection: C) -> Result<RedisStore, RedisStoreError>
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
    {
        self.check()?;
        Ok(self.on(connection))
    }

    pub(crate) fn on<C>(self, connection: C) -> RedisStore
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
    {
        let (address, timeout) = (String::from("a given connection"), self.response_timeout);
        self.store(connection, address, Redaction::default(), timeout)
    }

    fn check(&self) -> Result<(), RedisStoreError> {
        if self.response_timeout.is_zero() {
            return Err(RedisStoreError::ZeroTimeout);
        }
        Ok(())
    }

    fn store(
        self,
        link: impl Link + 'static,
        address: String,
        redaction: Redaction,
        timeout: Duration,
    ) -> RedisStore {
        RedisStore::from_settings(Settings {
            prefix: self.prefix,
            timeout,
            address,
            redaction,
            link: Box::new(link),
        })
    }
}
