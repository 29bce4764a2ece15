use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};

use super::lease::{LeaseHandle, LossNotice};
use super::settings::Dedupe;
use super::store::{Claim, DedupeStore, Ownership, StoreError, Terms};
use super::{BodyDigest, DeliveryId, OwnerToken};
use crate::delivery::Delivery;
use crate::error::WebhookError;

/// When a sender should come back after the store was not reached.
const STORE_RETRY_AFTER: Duration = Duration::from_secs(5);

/// What became of a delivery that went through [`Dedupe::process`].
#[derive(Debug)]
pub enum Processed<T> {
    /// The handler ran.
    Handled {
        /// What it returned.
        output: T,
        /// What became of its claim.
        outcome: Outcome,
    },
    /// It was handled before. Answer 200.
    Duplicate,
    /// It cannot be handled now.
    Refused(WebhookError),
}

/// What became of the claim on a delivery. Adapters put it into the response's
/// extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Handled by this request, and remembered as such.
    Completed {
        /// Which take of the delivery this was, from 1.
        attempt: u64,
    },
    /// The handler did not succeed; the next delivery of the same may.
    Released {
        /// Which take of the delivery this was, from 1.
        attempt: u64,
    },
    /// The lease ran out before the handler was done. Somebody else may have
    /// handled the delivery too.
    LeaseLost {
        /// Which take of the delivery this was, from 1.
        attempt: u64,
    },
    /// The handler is done, but the store could not be told. The lease runs out
    /// by itself, and the next delivery of the same is then handled again.
    Unsettled {
        /// Which take of the delivery this was, from 1.
        attempt: u64,
    },
    /// The handler ran without a claim: the store could not be reached, and
    /// [`Dedupe::fail_open`] was chosen.
    Unguarded,
    /// Handled before; the handler was not called.
    Duplicate,
    /// Being handled by another request; the handler was not called.
    InProgress,
}

impl<T> Processed<T> {
    /// What became of the claim, where there was an answer to it.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Handled { outcome, .. } => Some(*outcome),
            Self::Duplicate => Some(Outcome::Duplicate),
            Self::Refused(WebhookError::InProgress { .. }) => Some(Outcome::InProgress),
            Self::Refused(_) => None,
        }
    }
}

impl Dedupe {
    /// Claims a delivery, runs its handler, renews the lease meanwhile, and
    /// settles the claim by what came of it.
    ///
    /// `handler` is called at most once, with the lease (none when failing
    /// open). `succeeded` judges its output: true completes the claim, false
    /// releases it. `sleep` is the runtime's timer (`tokio::time::sleep`).
    ///
    /// Run it in a task of its own: dropped half way, it leaves its claim to run
    /// out with the lease.
    ///
    /// # Panics
    /// With the handler's own panic, after the claim was released. And where
    /// `sleep` panics, because the runtime has no timer: before anything is claimed.
    pub async fn process<T, H, S>(
        &self,
        delivery: &Delivery,
        sleep: impl Fn(Duration) -> S,
        handler: impl FnOnce(Option<LeaseHandle>) -> H,
        succeeded: impl FnOnce(&T) -> bool,
    ) -> Processed<T>
    where
        H: Future<Output = T>,
        S: Future<Output = ()>,
    {
        let _in_flight = self.in_flight.enter();
        // A runtime without a timer says so here, and not when a claim is held.
        drop(sleep(self.terms.lease));
        // Before the call: the store's lease begins no earlier than this.
        let claimed_at = Instant::now();
        let lease = match self.claim(delivery).await {
            Ok(Claimed::Acquired(lease)) => lease,
            Ok(Claimed::Duplicate) => {
                tracing::info!(
                    event = delivery.event().name(),
                    task_id = delivery.event().task_id(),
                    "a delivery came again; it was handled before"
                );
                return Processed::Duplicate;
            }
            Ok(Claimed::InProgress { remaining }) => {
                return Processed::Refused(WebhookError::InProgress {
                    retry_after: remaining,
                });
            }
            Err(error) if self.fail_open => {
                tracing::error!(%error, "the deduplication store is unavailable; handling the delivery without a claim");
                return Processed::Handled {
                    output: handler(None).await,
                    outcome: Outcome::Unguarded,
                };
            }
            Err(error) => {
                return Processed::Refused(WebhookError::StoreUnavailable {
                    retry_after: STORE_RETRY_AFTER,
                    source: error.cause(),
                });
            }
        };

        let (handle, mut notice) = LeaseHandle::new(lease.id, lease.owner, lease.attempt);
        // A panic in `handler` itself, before its future, must release too.
        let handled = AssertUnwindSafe(async { handler(Some(handle)).await }).catch_unwind();
        let handled = match select(
            pin!(handled),
            pin!(lease.keep(claimed_at, self.renew_for, sleep, &mut notice)),
        )
        .await
        {
            Either::Left((handled, _)) => handled,
            Either::Right((never, _)) => match never {},
        };
        match handled {
            Ok(output) => {
                let outcome = lease.settle(succeeded(&output)).await;
                Processed::Handled { output, outcome }
            }
            Err(panic) => {
                lease.settle(false).await;
                std::panic::resume_unwind(panic)
            }
        }
    }

    async fn claim(&self, delivery: &Delivery) -> Result<Claimed, StoreError> {
        let id = DeliveryId::new(&self.namespace, delivery);
        let body = BodyDigest::of(delivery.body());
        let owner = OwnerToken::random()?;
        match self.store.claim(id, body, owner, self.terms).await {
            Ok(Claim::Acquired { attempt, .. }) => Ok(Claimed::Acquired(Lease {
                store: Arc::clone(&self.store),
                terms: self.terms,
                id,
                owner,
                attempt,
            })),
            Ok(Claim::Completed { .. }) => Ok(Claimed::Duplicate),
            Ok(Claim::InProgress { remaining }) => Ok(Claimed::InProgress { remaining }),
            Err(error) => {
                // The claim may have had its effect, and its owner is about to
                // forget the token. If this fails too, the lease runs out.
                let _ = self.store.release(id, owner, self.terms).await;
                Err(error)
            }
        }
    }
}

enum Claimed {
    Acquired(Lease),
    Duplicate,
    InProgress { remaining: Duration },
}

/// A claim that is held.
struct Lease {
    store: Arc<dyn DedupeStore>,
    terms: Terms,
    id: DeliveryId,
    owner: OwnerToken,
    attempt: u64,
}

impl Lease {
    /// Renews the lease for as long as it is polled, at most `renew_for`, and gives
    /// notice when it is lost, or when nothing was heard of the store for as long
    /// as it lasts.
    async fn keep<S: Future<Output = ()>>(
        &self,
        claimed_at: Instant,
        renew_for: Duration,
        sleep: impl Fn(Duration) -> S,
        notice: &mut LossNotice,
    ) -> Infallible {
        let mut held_since = claimed_at;
        let mut pause = self.terms.lease / 3;
        loop {
            let rest = self.terms.lease.saturating_sub(held_since.elapsed());
            sleep(if rest.is_zero() {
                pause
            } else {
                pause.min(rest)
            })
            .await;
            if claimed_at.elapsed() >= renew_for {
                notice.send();
                tracing::error!(
                    delivery_id = %self.id,
                    attempt = self.attempt,
                    "a handler takes longer than its lease is renewed for; the delivery may be handled by another one"
                );
                return std::future::pending().await;
            }
            let asked_at = Instant::now();
            let mut renewal = pin!(self.store.renew(self.id, self.owner, self.terms));
            // A store may take its time to say that it cannot be reached. The lease
            // does not wait for that.
            let rest = self.terms.lease.saturating_sub(held_since.elapsed());
            let renewed = match select(renewal.as_mut(), pin!(sleep(rest))).await {
                Either::Left((renewed, _)) => renewed,
                Either::Right(((), _)) => {
                    notice.send();
                    renewal.await
                }
            };
            match renewed {
                Ok(Ownership::Held) => {
                    held_since = asked_at;
                    pause = self.terms.lease / 3;
                }
                Ok(Ownership::Lost) => {
                    notice.send();
                    return std::future::pending().await;
                }
                Err(error) => {
                    tracing::warn!(delivery_id = %self.id, %error, "the lease of a delivery could not be renewed");
                    pause = self.terms.lease / 10;
                }
            }
            if held_since.elapsed() >= self.terms.lease {
                notice.send();
            }
        }
    }

    /// Ends the claim. Whatever comes of that, the handler's answer stands.
    async fn settle(&self, succeeded: bool) -> Outcome {
        let (settled, outcome) = if succeeded {
            (
                self.store.complete(self.id, self.owner, self.terms).await,
                Outcome::Completed {
                    attempt: self.attempt,
                },
            )
        } else {
            (
                self.store.release(self.id, self.owner, self.terms).await,
                Outcome::Released {
                    attempt: self.attempt,
                },
            )
        };
        match settled {
            Ok(Ownership::Held) => {
                match succeeded {
                    true => {
                        tracing::debug!(delivery_id = %self.id, ?outcome, "a delivery was handled")
                    }
                    false => tracing::info!(
                        delivery_id = %self.id,
                        ?outcome,
                        "a delivery was not handled; its claim was released for the next one like it"
                    ),
                }
                outcome
            }
            Ok(Ownership::Lost) => {
                tracing::warn!(
                    delivery_id = %self.id,
                    attempt = self.attempt,
                    "the lease of a delivery ran out before its handler was done; it may be handled twice"
                );
                Outcome::LeaseLost {
                    attempt: self.attempt,
                }
            }
            Err(error) => {
                tracing::error!(
                    delivery_id = %self.id,
                    attempt = self.attempt,
                    succeeded,
                    %error,
                    "the store could not be told that a handler is done; the lease runs out by itself"
                );
                Outcome::Unsettled {
                    attempt: self.attempt,
                }
            }
        }
    }
}
