use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, OwnerToken, Ownership, StoreError, StoreFuture,
    Terms,
};
use redis::aio::ConnectionLike;
use redis::{Client, ErrorKind, ServerErrorKind, Value};

use crate::builder::RedisStoreBuilder;
use crate::error::RedisStoreError;
use crate::link::{Link, LinkError};
use crate::redaction::Redaction;
use crate::refusal::Refusal;
use crate::script;

/// A [`DedupeStore`] in Redis, for every process that shares the server.
///
/// Clones share one connection. The [crate's page](crate) says what the store
/// promises and what it needs.
#[derive(Clone)]
pub struct RedisStore(pub(crate) Arc<Settings>);

pub(crate) struct Settings {
    pub(crate) prefix: String,
    /// For a call as a whole.
    pub(crate) timeout: Duration,
    pub(crate) address: String,
    pub(crate) redaction: Redaction,
    pub(crate) link: Box<dyn Link>,
}

impl RedisStore {
    /// A store on a connection that you made: a `ClusterConnection`, a
    /// `MultiplexedConnection`, a `ConnectionManager`, or one that Sentinel found.
    ///
    /// How it connects and reconnects is decided where it is made. A call on the
    /// store returns after 1 second at the latest.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use nano_webhook_redis::{RedisStore, redis};
    ///
    /// let client = redis::Client::open("redis://redis.internal")?;
    /// let store = RedisStore::new(client.get_multiplexed_async_connection().await?);
    /// # let _ = store;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new<C>(connection: C) -> Self
    where
        C: ConnectionLike + Clone + Send + Sync + 'static,
    {
        Self::builder().build(connection)
    }

    /// A store on one server, once the server has answered. The store reconnects, also
    /// when the server becomes a replica or the connection dies silently.
    ///
    /// A sample delivery is claimed and released, so that a wrong address, a replica or
    /// a missing permission is found at start-up. Its key expires within a second. The
    /// store sets the TCP options of its connections itself.
    ///
    /// The connection lives on the runtime of the caller. Call it in `main`, not in the
    /// factory of a worker, whose runtime stands still while the worker is busy.
    ///
    /// # Errors
    /// As for [`RedisStoreBuilder::connect`].
    pub async fn connect(client: Client) -> Result<Self, RedisStoreError> {
        Self::builder().connect(client).await
    }

    /// The settings, to be changed.
    pub fn builder() -> RedisStoreBuilder {
        RedisStoreBuilder::default()
    }

    /// The key of a delivery's record, for an operator who wants to read it.
    #[must_use]
    pub fn key(&self, id: DeliveryId) -> String {
        format!("{}{id}", self.0.prefix)
    }

    /// Claims and releases a sample delivery. Any answer proves that the server can be
    /// used, also one that another process causes with the same sample.
    pub(crate) async fn check(&self) -> Result<(), RedisStoreError> {
        let id = DeliveryId::from_bytes([0; 32]);
        let owner = OwnerToken::from_bytes([0; 16]);
        let body = BodyDigest::from_bytes([0; 16]);
        // If the process ends between the two calls, the key expires in a second.
        let terms = Terms {
            lease: Duration::from_secs(1),
            retention: Duration::from_millis(1),
        };
        let _ = script::claim(self.run("claim", id, owner, terms, Some(body)).await?)?;
        let _ = script::ownership(self.run("release", id, owner, terms, None).await?)?;
        Ok(())
    }

    async fn run(
        &self,
        call: &str,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
        body: Option<BodyDigest>,
    ) -> Result<Value, RedisStoreError> {
        let (link, began) = (&self.0.link, Instant::now());
        let (key, arguments) = (
            self.key(id),
            [
                call.to_owned(),
                owner.to_string(),
                script::microseconds(terms.lease),
                script::microseconds(terms.retention),
                body.map(|body| body.to_string()).unwrap_or_default(),
            ],
        );
        let reply = async {
            match link.call(&script::command(true, &key, &arguments)).await {
                Err(LinkError::Command(error))
                    if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) =>
                {
                    link.call(&script::command(false, &key, &arguments)).await
                }
                reply => reply,
            }
        };
        tokio::time::timeout(self.0.timeout, reply)
            .await
            .unwrap_or(Err(LinkError::Timeout))
            .map_err(|error| self.explain(&error, began.elapsed()))
    }

    fn change<'a>(
        &'a self,
        call: &'a str,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'a, Ownership> {
        Box::pin(async move {
            let reply = self.run(call, id, owner, terms, None).await;
            reply.and_then(script::ownership).map_err(StoreError::new)
        })
    }

    fn explain(&self, error: &LinkError, after: Duration) -> RedisStoreError {
        let redaction = &self.0.redaction;
        match error {
            LinkError::Timeout => RedisStoreError::Timeout { after },
            LinkError::Connect(error) => RedisStoreError::Unreachable {
                address: self.0.address.clone(),
                reason: redaction.text(error),
            },
            LinkError::Command(error) => {
                let text = redaction.text(error);
                RedisStoreError::failed(match Refusal::of(error).map(Refusal::words) {
                    Some((is, instead)) => format!("the server is {is} ({text}); use {instead}"),
                    None => text,
                })
            }
        }
    }
}

impl DedupeStore for RedisStore {
    fn claim(
        &self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Claim> {
        Box::pin(async move {
            let reply = self.run("claim", id, owner, terms, Some(body)).await;
            reply.and_then(script::claim).map_err(StoreError::new)
        })
    }

    fn renew(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> StoreFuture<'_, Ownership> {
        self.change("renew", id, owner, terms)
    }

    fn complete(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership> {
        self.change("complete", id, owner, terms)
    }

    fn release(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership> {
        self.change("release", id, owner, terms)
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.0.prefix)
            .field("address", &self.0.address)
            .finish_non_exhaustive()
    }
}
