use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use nano_webhook_core::dedupe::{
    Claim, DedupeStore, DeliveryId, LeaseToken, Namespace, Ownership, StoreError, Terms,
};
use redis::{Cmd, ErrorKind, ServerErrorKind, Value};

use crate::builder::RedisStoreBuilder;
use crate::error::RedisStoreError;
use crate::link::{Link, LinkError};
use crate::record;
use crate::redaction::Redaction;
use crate::refusal::Refusal;
use crate::script::{self, Script};

/// A [`DedupeStore`] in Redis, for as many processes as share its server and its
/// [`Namespace`].
///
/// Clones share one connection. See the [crate's page](crate) for what it
/// promises and what it needs.
#[derive(Clone)]
pub struct RedisStore(Arc<Settings>);

pub(crate) struct Settings {
    pub(crate) namespace: Namespace,
    pub(crate) prefix: String,
    /// For a call as a whole.
    pub(crate) timeout: Duration,
    /// Whether it is meant to be one server, and no cluster.
    pub(crate) alone: bool,
    pub(crate) address: String,
    pub(crate) redaction: Redaction,
    pub(crate) link: Box<dyn Link>,
}

impl RedisStore {
    /// A store on the server at this URL, with the default settings. It waits for
    /// the server to answer.
    ///
    /// # Errors
    /// As for [`RedisStoreBuilder::connect`].
    pub async fn connect(url: &str, namespace: Namespace) -> Result<Self, RedisStoreError> {
        Self::builder(namespace).connect(url).await
    }

    /// The settings, to be changed.
    ///
    /// The namespace has no default: two services with the same one on the same
    /// server swallow each other's deliveries (D8).
    pub fn builder(namespace: Namespace) -> RedisStoreBuilder {
        RedisStoreBuilder::new(namespace)
    }

    /// The key of a delivery's claim, for an operator who wants to look at it.
    #[must_use]
    pub fn key(&self, id: DeliveryId) -> String {
        format!("{}{id}", self.0.prefix)
    }

    pub(crate) fn new(settings: Settings) -> Self {
        Self(Arc::new(settings))
    }

    /// Claims that many deliveries that nobody sent, and releases them.
    pub(crate) async fn check(&self, deliveries: usize) -> Result<(), RedisStoreError> {
        // The server learns the scripts from the first.
        self.check_once().await?;
        try_join_all((1..deliveries).map(|_| self.check_once())).await?;
        Ok(())
    }

    async fn check_once(&self) -> Result<(), RedisStoreError> {
        let random = || {
            LeaseToken::random().map_err(|error| RedisStoreError::Failed {
                reason: error.to_string(),
            })
        };
        let (owner, halves) = (random()?, [random()?, random()?]);
        let mut id = [0; 32];
        for (byte, random) in id
            .iter_mut()
            .zip(halves.iter().flat_map(LeaseToken::as_bytes))
        {
            *byte = *random;
        }
        let id = DeliveryId::from_bytes(id);
        // If this process ends between the two, the key is gone in a second.
        let terms = Terms {
            lease: Duration::from_secs(1),
            retention: Duration::from_millis(1),
        };
        let _ = record::claim(self.run(&script::CLAIM, id, owner, terms).await?)?;
        let _ = record::ownership(self.run(&script::RELEASE, id, owner, terms).await?)?;
        Ok(())
    }

    async fn run(
        &self,
        script: &Script,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Value, RedisStoreError> {
        let Settings {
            prefix,
            timeout,
            link,
            ..
        } = &*self.0;
        let arguments = record::arguments(prefix, id, owner, terms);
        let began = Instant::now();
        let calls = async {
            match link.call(&script.by_hash(&arguments)).await {
                Err(LinkError::Command(error))
                    if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) =>
                {
                    let by_code: Cmd = script.by_code(&arguments);
                    link.call(&by_code).await
                }
                answer => answer,
            }
        };
        match tokio::time::timeout(*timeout, calls).await {
            Ok(answer) => answer.map_err(|error| self.explain(&error, began.elapsed())),
            Err(_) => Err(RedisStoreError::Timeout { after: *timeout }),
        }
    }

    async fn change(
        &self,
        script: &Script,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Ownership, StoreError> {
        self.run(script, id, owner, terms)
            .await
            .and_then(record::ownership)
            .map_err(StoreError::new)
    }

    fn explain(&self, error: &LinkError, after: Duration) -> RedisStoreError {
        let Settings {
            alone,
            address,
            redaction,
            ..
        } = &*self.0;
        match error {
            LinkError::Connect(error) => RedisStoreError::Unreachable {
                address: address.clone(),
                reason: redaction.text(error),
            },
            LinkError::Command(error) if error.is_timeout() => RedisStoreError::Timeout { after },
            LinkError::Command(error) => {
                let text = redaction.text(error);
                let reason = match Refusal::of(error) {
                    Some(Refusal::Replica) => {
                        format!("this server is a replica: use the primary's address ({text})")
                    }
                    Some(Refusal::ClusterNode) if *alone => format!(
                        "this server is a node of a cluster: use connect_cluster, of the feature cluster ({text})"
                    ),
                    _ => text,
                };
                RedisStoreError::Failed { reason }
            }
        }
    }
}

impl DedupeStore for RedisStore {
    fn namespace(&self) -> &Namespace {
        &self.0.namespace
    }

    async fn claim(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Claim, StoreError> {
        self.run(&script::CLAIM, id, owner, terms)
            .await
            .and_then(record::claim)
            .map_err(StoreError::new)
    }

    async fn renew(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Ownership, StoreError> {
        self.change(&script::RENEW, id, owner, terms).await
    }

    async fn complete(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Ownership, StoreError> {
        self.change(&script::COMPLETE, id, owner, terms).await
    }

    async fn release(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Ownership, StoreError> {
        self.change(&script::RELEASE, id, owner, terms).await
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("namespace", &self.0.namespace)
            .field("prefix", &self.0.prefix)
            .field("address", &self.0.address)
            .finish_non_exhaustive()
    }
}
