use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::{BodyDigest, DeliveryId, OwnerToken};
use crate::error::{Failure, WebhookError};

/// What every call of a [`DedupeStore`] returns. A store that answers at once
/// returns `Box::pin(std::future::ready(answer))`.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

pub(super) type Owned<'a> = StoreFuture<'a, Ownership>;

/// Keeps claims. The trait is dyn-safe: `Arc<dyn DedupeStore>` is a store too.
///
/// # Writing a store
///
/// A store keeps one record per [`DeliveryId`]: the owner, the digest of the
/// owner's body, the attempt, the deadline of the lease, whether the delivery is
/// completed, and when to forget the record. A record is in one of three states:
///
/// | state | meaning | forgotten |
/// |---|---|---|
/// | *leased* | an owner holds the lease; it *runs out* at its deadline | [`Terms::retention`] after the deadline |
/// | *free* | the owner released the lease; only the attempt is kept | [`Terms::retention`] after the release |
/// | *completed* | the owner handled the delivery | [`Terms::retention`] after the completion |
///
/// Every call names an owner: an [`OwnerToken`] that the caller made. The table
/// gives the answer to every call in every state. *n* is the attempt of the
/// record. `Lost` changes nothing, and neither do `InProgress` and `Completed`.
///
/// | call | no record | free | leased to the caller | leased to another, running | leased to another, run out | completed by the caller | completed by another |
/// |---|---|---|---|---|---|---|---|
/// | [`claim`](Self::claim) | leases; `Acquired`, attempt 1 | leases; `Acquired`, attempt *n* + 1 | new deadline; `Acquired`, attempt *n*, or *n* + 1 if the lease had run out | `InProgress` | leases; `Acquired`, attempt *n* + 1, `taken_over` | `Completed` | `Completed` |
/// | [`renew`](Self::renew) | `Lost` | `Lost` | new deadline; `Held` | `Lost` | `Lost` | `Lost` | `Lost` |
/// | [`complete`](Self::complete) | `Lost` | `Lost` | completes; `Held` | `Lost` | `Lost` | `Held`, nothing changes | `Lost` |
/// | [`release`](Self::release) | `Lost` | `Lost` | frees; `Held` | `Lost` | `Lost` | `Lost` | `Lost` |
///
/// A lease that has **run out** still belongs to the owner that its record names,
/// until another owner claims it or the record is forgotten. Its owner can renew,
/// complete and release it: a handler that outlives its lease is not run again
/// unless another request has claimed the delivery.
///
/// The rest of the contract:
///
/// - **Calls are atomic.** Of any number of concurrent claims, exactly one is
///   answered `Acquired`.
/// - **Calls can be repeated.** The caller makes the token, so a call whose answer
///   was lost is repeated with the same token and gives the same answer. The
///   exception is `release`: after it took effect, a repetition is answered
///   `Lost`.
/// - **The store measures time**, because the clocks of its callers differ.
///   Callers pass durations only. A new deadline is [`Terms::lease`] after the
///   call. `remaining` is never more than the lease, even if the store's clock
///   was set back.
/// - **Every record ends.** A store forgets each record at the time in the first
///   table, so it does not grow without bound.
/// - **A running lease is never dropped.** A full store answers a claim with an
///   error. A store that drops any other record before its time documents and
///   counts that.
/// - **Every call returns.** A store on a network bounds the time of each call,
///   and answers with an error after it; the sender is then told to retry. A call
///   that returned an error, or whose future was dropped, may have taken effect.
///
/// The feature `test-util` adds a test suite for stores,
/// `nano_webhook_core::testing::store`.
pub trait DedupeStore: Send + Sync + 'static {
    /// Claims a delivery whose signed body has this digest.
    fn claim(
        &self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Claim>;

    /// Moves the deadline of the caller's lease to [`Terms::lease`] from now.
    fn renew(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> StoreFuture<'_, Ownership>;

    /// Ends the caller's lease: the delivery was handled. The completion is
    /// remembered for [`Terms::retention`] from now.
    fn complete(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership>;

    /// Ends the caller's lease: the delivery was not handled, and the next claim
    /// acquires it.
    fn release(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership>;
}

impl<S: DedupeStore + ?Sized> DedupeStore for Arc<S> {
    fn claim(
        &self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Claim> {
        (**self).claim(id, body, owner, terms)
    }

    fn renew(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Owned<'_> {
        (**self).renew(id, owner, terms)
    }

    fn complete(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Owned<'_> {
        (**self).complete(id, owner, terms)
    }

    fn release(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Owned<'_> {
        (**self).release(id, owner, terms)
    }
}

/// How long a lease lasts, and how long a record is kept after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Time from a claim or a renewal to the deadline.
    pub lease: Duration,
    /// Time for which a completion is remembered, and an attempt after its lease
    /// was released or ran out.
    pub retention: Duration,
}

/// The answer to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The caller holds the lease and handles the delivery.
    Acquired {
        /// Counts how often the lease was taken, from 1. A later holder has a
        /// greater attempt, so it can serve as a fencing token.
        attempt: u64,
        /// Another owner's lease ran out without a completion or a release: its
        /// process may have died while it handled the delivery.
        taken_over: bool,
    },
    /// Another owner holds the lease.
    InProgress {
        /// Time until the deadline of that lease.
        remaining: Duration,
    },
    /// The delivery was handled before.
    Completed {
        /// The digest that the completing owner's claim carried.
        body: BodyDigest,
    },
}

/// Whether the caller owns the lease that it wanted to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Ownership {
    /// The record names the caller, and the call took effect.
    Held,
    /// The record does not name the caller, or no record exists. The call changed
    /// nothing.
    Lost,
}

/// A store could not answer. The call may have taken effect.
#[derive(Clone, Debug)]
pub struct StoreError(Arc<dyn Error + Send + Sync>);

impl StoreError {
    /// An error with this cause. Its text is logged: it must not contain a
    /// password.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(cause.into()))
    }

    pub(super) fn rejection(&self, retry_after: Duration) -> WebhookError {
        let source = Arc::clone(&self.0);
        WebhookError::from(Failure::Store {
            retry_after,
            source,
        })
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
