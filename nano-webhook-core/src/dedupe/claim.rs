use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};

use super::config::{Dedupe, Settings};
use super::held::{Lease, log_delivery};
use super::in_flight::Guard;
use super::store::{Claim, DedupeStore as _, StoreError, Terms};
use super::{BodyDigest, DeliveryId, LeaseHandle, Outcome, OutcomeKind, OwnerToken};
use crate::delivery::Delivery;
use crate::error::{Failure, WebhookError};

/// When a sender should come back after the store did not answer.
const STORE_RETRY_AFTER: Duration = Duration::from_secs(5);

/// The answer to [`Dedupe::claim`].
#[derive(Debug)]
#[must_use]
pub enum Claimed<S> {
    /// Call the handler, through [`HeldClaim::run`].
    Held(HeldClaim<S>),
    /// The delivery was handled before. Answer 200.
    Duplicate(Outcome),
    /// The delivery cannot be handled now.
    Rejected(WebhookError),
}

impl Dedupe {
    /// Claims a delivery for its handler. It counts as in flight from this call
    /// on, also before the future is polled. `sleep` is the runtime's timer.
    ///
    /// # Panics
    /// Where `sleep` panics, because the runtime has no timer: before anything is
    /// claimed.
    pub fn claim<S, T>(
        &self,
        delivery: &Delivery,
        sleep: S,
    ) -> impl Future<Output = Claimed<S>> + use<S, T>
    where
        S: Fn(Duration) -> T,
        T: Future<Output = ()>,
    {
        let in_flight = self.0.in_flight.enter();
        let attempt = Attempt {
            delivery: delivery.clone(),
            id: self.delivery_id(delivery),
            body: BodyDigest::of(delivery.body()),
            in_flight,
        };
        attempt.claim(self.clone(), sleep)
    }
}

/// One delivery on its way to a claim.
struct Attempt {
    delivery: Delivery,
    id: DeliveryId,
    body: BodyDigest,
    in_flight: Guard,
}

impl Attempt {
    async fn claim<S, T>(mut self, dedupe: Dedupe, sleep: S) -> Claimed<S>
    where
        S: Fn(Duration) -> T,
        T: Future<Output = ()>,
    {
        let Settings {
            store,
            terms,
            fail_open,
            park,
            handle_differing,
            ..
        } = &*dedupe.0;
        // A runtime without a timer panics here, and not while a claim is held.
        drop(sleep(terms.lease));
        loop {
            // Before the call: the store's lease begins no earlier than this.
            let claimed_at = Instant::now();
            let owner = match OwnerToken::next(claimed_at) {
                Ok(owner) => owner,
                Err(error) => return self.store_failed(&error),
            };
            let claim = match store.claim(self.id, self.body, owner, *terms).await {
                Ok(claim) => claim,
                Err(error) if *fail_open => {
                    log_delivery!(error, self, %error, "the deduplication store is unavailable; the handler runs without a claim");
                    return Claimed::Held(self.held(None, dedupe, sleep));
                }
                Err(error) => {
                    // The claim may have taken effect, and nothing else knows its
                    // owner. If this fails too, the lease runs out.
                    let _ = store.release(self.id, owner, *terms).await;
                    return self.store_failed(&error);
                }
            };
            match claim {
                Claim::Acquired { attempt, .. } => {
                    let mut lease = self.lease(&dedupe, owner, attempt, claimed_at);
                    let taken_over = matches!(
                        claim,
                        Claim::Acquired {
                            taken_over: true,
                            ..
                        }
                    );
                    if taken_over && *park {
                        return self.park(&lease, *terms).await;
                    }
                    if let Err(error) = lease.ensure_live().await {
                        return Claimed::Rejected(error);
                    }
                    return Claimed::Held(self.held(Some(lease), dedupe, sleep));
                }
                Claim::InProgress { remaining } => {
                    log_delivery!(info, self, retry_after = ?remaining, "another request is processing the delivery");
                    return Claimed::Rejected(
                        Failure::InProgress {
                            retry_after: remaining,
                        }
                        .into(),
                    );
                }
                Claim::Completed { body } if body == self.body => {
                    log_delivery!(info, self, "duplicate; the delivery was handled before");
                    return Claimed::Duplicate(Outcome::new(OutcomeKind::Duplicate, None));
                }
                Claim::Completed { body } => {
                    log_delivery!(warn, self, body = %self.body, handled_body = %body, handled_again = handle_differing, "duplicate with another signed body");
                    if !handle_differing {
                        let kind = OutcomeKind::DifferingDuplicate;
                        return Claimed::Duplicate(Outcome::new(kind, None));
                    }
                    // Under an identity of its own: the next one like it is a
                    // plain duplicate.
                    self.id = self.id.with_body(self.body);
                }
            }
        }
    }

    fn lease(
        &self,
        dedupe: &Dedupe,
        owner: OwnerToken,
        attempt: u64,
        claimed_at: Instant,
    ) -> Lease {
        Lease {
            store: Arc::clone(&dedupe.0.store),
            terms: dedupe.0.terms,
            delivery: self.delivery.clone(),
            id: self.id,
            handle: LeaseHandle::new(self.id, owner, attempt),
            claimed_at,
            held_since: claimed_at,
        }
    }

    fn held<S>(self, lease: Option<Lease>, dedupe: Dedupe, sleep: S) -> HeldClaim<S> {
        HeldClaim {
            lease,
            renew_for: dedupe.0.renew_for,
            sleep,
            in_flight: self.in_flight,
        }
    }

    fn store_failed<S>(&self, error: &StoreError) -> Claimed<S> {
        log_delivery!(error, self, %error, "the deduplication store is unavailable; the sender is told to retry");
        Claimed::Rejected(
            Failure::Store {
                retry_after: STORE_RETRY_AFTER,
                source: error.cause(),
            }
            .into(),
        )
    }

    /// Leaves the record as it was found: named by an owner whose lease is over.
    async fn park<S>(&self, lease: &Lease, terms: Terms) -> Claimed<S> {
        log_delivery!(
            error,
            self,
            attempt = lease.handle.attempt(),
            "an earlier attempt ended without an outcome; the delivery is parked, release it with Dedupe::release_parked"
        );
        lease.expire().await;
        Claimed::Rejected(
            Failure::Parked {
                retry_after: terms.lease,
            }
            .into(),
        )
    }
}

/// A delivery that is the caller's to handle. Dropped before its end, it leaves
/// its claim to run out with the lease.
#[must_use]
pub struct HeldClaim<S> {
    /// None when failing open.
    lease: Option<Lease>,
    renew_for: Duration,
    sleep: S,
    in_flight: Guard,
}

/// What [`HeldClaim::run`] returns.
#[derive(Debug)]
pub struct Handled<T> {
    /// The handler's output, or `HandlerFailed` if it panicked.
    pub output: Result<T, WebhookError>,
    /// How the claim ended.
    pub outcome: Outcome,
    /// Settles the claim after the store did not answer: run it in a task of its
    /// own, and answer without waiting for it.
    pub settling: Option<Settling>,
}

/// Retries to settle a claim until the store answers. It counts as in flight.
pub struct Settling(pub(super) Pin<Box<dyn Future<Output = ()> + Send>>);

impl IntoFuture for Settling {
    type Output = ();
    type IntoFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0
    }
}

impl fmt::Debug for Settling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settling(..)")
    }
}

impl<S> HeldClaim<S> {
    /// For the handler; none when failing open.
    pub fn lease(&self) -> Option<LeaseHandle> {
        self.lease.as_ref().map(|lease| lease.handle.clone())
    }

    /// Runs the handler and renews the lease meanwhile. Then it completes the
    /// claim if `completes` says so of the handler's output, otherwise it releases
    /// it.
    pub async fn run<H, T>(
        self,
        handler: H,
        completes: impl FnOnce(&H::Output) -> bool,
    ) -> Handled<H::Output>
    where
        H: Future,
        S: Fn(Duration) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let Self {
            lease,
            renew_for,
            sleep,
            in_flight,
        } = self;
        let handler = AssertUnwindSafe(handler).catch_unwind();
        let Some(mut lease) = lease else {
            return Handled {
                output: handler.await.map_err(|_| Failure::HandlerFailed.into()),
                outcome: Outcome::new(OutcomeKind::Unguarded, None),
                settling: None,
            };
        };
        let handled = match select(pin!(handler), pin!(lease.keep(renew_for, &sleep))).await {
            Either::Left((handled, _)) => handled,
            Either::Right((never, _)) => match never {},
        };
        let completed = handled.as_ref().is_ok_and(completes);
        let (outcome, settling) = lease.settle(completed, sleep, in_flight).await;
        Handled {
            output: handled.map_err(|_| Failure::HandlerFailed.into()),
            outcome,
            settling,
        }
    }
}

impl<S> fmt::Debug for HeldClaim<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldClaim")
            .field("lease", &self.lease())
            .finish_non_exhaustive()
    }
}
