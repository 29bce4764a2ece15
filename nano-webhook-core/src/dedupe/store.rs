use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::{DeliveryId, LeaseToken, Namespace};

/// Where claims are kept.
///
/// # Writing a store
///
/// A store keeps one record per [`DeliveryId`]. A record is in one of three
/// states:
///
/// | state | holds | lasts |
/// |---|---|---|
/// | *leased* | owner, attempt, deadline | until the deadline; then it counts as *free* |
/// | *completed* | owner | for [`Terms::retention`] from the completion |
/// | *free* | attempt | for at least [`Terms::retention`] from the release or the deadline, so that attempts go on growing |
///
/// Every call is **atomic** on its record: of any number of claims at once, one
/// wins. Every call names an owner, a random [`LeaseToken`] that the caller
/// made; a call by anybody but the owner changes nothing. Because the caller
/// made the token, every call can be **repeated** after its answer was lost and
/// gives the same answer again (but for a release: once it had its effect, the
/// caller holds nothing, and is told so):
///
/// | call | no record, or *free* | *leased* to the caller | *leased* to another | *completed* by the caller | *completed* by another |
/// |---|---|---|---|---|---|
/// | [`claim`](Self::claim) | leases; [`Claim::Acquired`] with the attempt one higher (1 if there was none) | new deadline; `Acquired` with the same attempt | [`Claim::InProgress`] | [`Claim::Completed`] | `Completed` |
/// | [`renew`](Self::renew) | [`Ownership::Lost`] | new deadline; [`Ownership::Held`] | `Lost` | `Lost` | `Lost` |
/// | [`complete`](Self::complete) | `Lost` | completes; `Held` | `Lost` | `Held`, nothing changes | `Lost` |
/// | [`release`](Self::release) | `Lost` | frees; `Held` | `Lost` | `Lost` | `Lost` |
///
/// A lease whose deadline has passed is free: its former owner is `Lost`, even
/// if nobody else has claimed it since.
///
/// The rest of the contract:
///
/// - **Time is the store's.** The caller passes durations, never points in time;
///   callers' clocks differ.
/// - **Everything ends.** No record outlives the retention and the lease, so the
///   store does not grow without bound.
/// - **A live lease is never dropped** to make room. A store that is full of
///   them answers with an error. One that may have to drop anything else before
///   its time says so, and counts it.
/// - **A call comes back.** A store that waits for a network bounds that wait,
///   and answers with an error when it is over: the sender is then told to try
///   again. A call that is cut off may or may not have had its effect.
///
/// The feature `test-util` has a suite, `nano_webhook_core::dedupe::acceptance`,
/// that holds a store to this table.
pub trait DedupeStore: Send + Sync + 'static {
    /// The scope of this store's records.
    fn namespace(&self) -> &Namespace;

    /// Takes the lease of a delivery, if it is to be had.
    fn claim(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send;

    /// Makes a held lease last for [`Terms::lease`] from now.
    fn renew(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> impl Future<Output = Result<Ownership, StoreError>> + Send;

    /// Ends a held lease: the delivery was handled. It is remembered for
    /// [`Terms::retention`] from now.
    fn complete(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> impl Future<Output = Result<Ownership, StoreError>> + Send;

    /// Ends a held lease: the delivery was not handled, the next one may try.
    fn release(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> impl Future<Output = Result<Ownership, StoreError>> + Send;
}

/// How long things last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long a claim lasts unless it is renewed.
    pub lease: Duration,
    /// How long a completion is remembered.
    pub retention: Duration,
}

/// The answer to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The delivery is the caller's to handle.
    Acquired {
        /// How many times it has been taken, from 1. It grows with each take-over,
        /// so it can serve as a fencing token.
        attempt: u64,
    },
    /// Somebody else is handling it.
    InProgress {
        /// How long that lease has still to run.
        remaining: Duration,
    },
    /// It was handled.
    Completed,
}

/// Whether the caller still owned the lease that it wanted to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Ownership {
    /// It did, and the call had its effect.
    Held,
    /// It did not, and nothing was changed: the lease ran out, and somebody else
    /// may have taken over.
    Lost,
}

/// A store could not answer. Whether the call had its effect is not known.
#[derive(Clone)]
pub struct StoreError(Arc<dyn Error + Send + Sync>);

impl StoreError {
    /// An error with this cause. Its text goes into logs: it must not contain a
    /// password.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(cause.into()))
    }

    pub(super) fn cause(&self) -> Arc<dyn Error + Send + Sync> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreError").field(&self.0).finish()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// [`DedupeStore`] behind a pointer, so that the types of layers and services do
/// not carry the store's.
pub(super) trait DynStore: Send + Sync {
    fn namespace(&self) -> &Namespace;
    fn claim(&self, id: DeliveryId, owner: LeaseToken, terms: Terms) -> Answer<'_, Claim>;
    fn renew(&self, id: DeliveryId, owner: LeaseToken, terms: Terms) -> Answer<'_, Ownership>;
    fn complete(&self, id: DeliveryId, owner: LeaseToken, terms: Terms) -> Answer<'_, Ownership>;
    fn release(&self, id: DeliveryId, owner: LeaseToken, terms: Terms) -> Answer<'_, Ownership>;
}

impl<S: DedupeStore> DynStore for S {
    fn namespace(&self) -> &Namespace {
        DedupeStore::namespace(self)
    }

    fn claim(&self, id: DeliveryId, owner: LeaseToken, terms: Terms) -> Answer<'_, Claim> {
        Box::pin(DedupeStore::claim(self, id, owner, terms))
    }

    fn renew(&self, id: DeliveryId, owner: LeaseToken, terms: Terms) -> Answer<'_, Ownership> {
        Box::pin(DedupeStore::renew(self, id, owner, terms))
    }

    fn complete(&self, id: DeliveryId, owner: LeaseToken, terms: Terms) -> Answer<'_, Ownership> {
        Box::pin(DedupeStore::complete(self, id, owner, terms))
    }

    fn release(&self, id: DeliveryId, owner: LeaseToken, terms: Terms) -> Answer<'_, Ownership> {
        Box::pin(DedupeStore::release(self, id, owner, terms))
    }
}

/// A shared store is a store.
impl<S: DedupeStore> DedupeStore for Arc<S> {
    fn namespace(&self) -> &Namespace {
        (**self).namespace()
    }

    async fn claim(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Claim, StoreError> {
        DedupeStore::claim(&**self, id, owner, terms).await
    }

    async fn renew(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Ownership, StoreError> {
        DedupeStore::renew(&**self, id, owner, terms).await
    }

    async fn complete(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Ownership, StoreError> {
        DedupeStore::complete(&**self, id, owner, terms).await
    }

    async fn release(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Ownership, StoreError> {
        DedupeStore::release(&**self, id, owner, terms).await
    }
}
