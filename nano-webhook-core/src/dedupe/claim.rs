use std::sync::Arc;
use std::time::{Duration, Instant};

use super::config::{Dedupe, Settings};
use super::held::Lease;
use super::in_flight::Guard;
use super::run::HeldClaim;
use super::store::{Claim, DedupeStore as _, StoreError};
use super::subject::{Subject, log_delivery, log_end, log_rejection};
use super::{BodyDigest, LeaseHandle, Outcome, OutcomeKind, OwnerToken};
use crate::delivery::Delivery;
use crate::error::{Failure, WebhookError};
use crate::metrics::{self, Stopwatch};

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
    /// `delivery_id`, `attempt` and `outcome` are recorded in the current span, where
    /// it has such fields.
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
            subject: Subject {
                delivery: delivery.clone(),
                id: self.delivery_id(delivery),
                attempt: None,
            },
            body: BodyDigest::of(delivery.body()),
            in_flight,
        };
        attempt.claim(self.clone(), sleep)
    }
}

/// One delivery on its way to a claim.
struct Attempt {
    subject: Subject,
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
            renew_for,
            ..
        } = &*dedupe.0;
        // A runtime without a timer panics here, and not while a claim is held.
        drop(sleep(terms.lease));
        loop {
            self.subject.record_id();
            // Before the call: the store's lease begins no earlier than this.
            let claimed_at = Instant::now();
            let owner = match OwnerToken::next(claimed_at) {
                Ok(owner) => owner,
                Err(error) => return self.store_failed(&error),
            };
            let id = self.subject.id;
            let took = Stopwatch::start();
            let claim = store.claim(id, self.body, owner, *terms).await;
            metrics::claimed(took);
            metrics::answered("claim", claim.is_err());
            match claim {
                Err(error) if *fail_open => {
                    log_delivery!(error, self.subject, %error, "the deduplication store is unavailable; the handler runs without a claim");
                    let unguarded = Err(self.subject);
                    let claim = HeldClaim::new(unguarded, *renew_for, sleep, self.in_flight);
                    return Claimed::Held(claim);
                }
                Err(error) => {
                    // The claim may have taken effect, and nothing else knows its
                    // owner. If this fails too, the lease runs out.
                    let released = store.release(id, owner, *terms).await;
                    metrics::answered("release", released.is_err());
                    return self.store_failed(&error);
                }
                Ok(Claim::Acquired {
                    attempt,
                    taken_over,
                }) => {
                    let mut lease = Lease {
                        store: Arc::clone(store),
                        terms: *terms,
                        subject: self.subject.claimed(attempt),
                        handle: LeaseHandle::new(id, owner, attempt),
                        claimed_at,
                        held_since: claimed_at,
                    };
                    if taken_over && *park {
                        return Claimed::Rejected(lease.park().await);
                    }
                    if let Err(error) = lease.ensure_live().await {
                        return Claimed::Rejected(error);
                    }
                    let claim = HeldClaim::new(Ok(lease), *renew_for, sleep, self.in_flight);
                    return Claimed::Held(claim);
                }
                Ok(Claim::InProgress { remaining }) => {
                    let retry_after = remaining;
                    let error = WebhookError::from(Failure::InProgress { retry_after });
                    log_rejection!(
                        info,
                        self.subject,
                        error,
                        ?retry_after,
                        "another request is processing the delivery"
                    );
                    return Claimed::Rejected(error);
                }
                Ok(Claim::Completed { body }) if body == self.body => {
                    let kind = OutcomeKind::Duplicate;
                    log_end!(
                        info,
                        self.subject,
                        kind.name(),
                        "the delivery was handled before"
                    );
                    return Claimed::Duplicate(Outcome::new(kind, None));
                }
                Ok(Claim::Completed { body }) if *handle_differing => {
                    log_delivery!(warn, self.subject, body = %self.body, handled_body = %body, "the delivery was handled before with another signed body; it is handled again");
                    // Under an identity of its own: the next one like it is a
                    // plain duplicate.
                    self.subject.id = id.with_body(self.body);
                }
                Ok(Claim::Completed { body }) => {
                    let kind = OutcomeKind::DifferingDuplicate;
                    log_end!(warn, self.subject, kind.name(), body = %self.body, handled_body = %body, "the delivery was handled before with another signed body");
                    return Claimed::Duplicate(Outcome::new(kind, None));
                }
            }
        }
    }

    fn store_failed<S>(&self, failed: &StoreError) -> Claimed<S> {
        let error = WebhookError::from(Failure::Store {
            retry_after: STORE_RETRY_AFTER,
            source: failed.cause(),
        });
        log_rejection!(error, self.subject, error, error = %failed, "the deduplication store is unavailable; the sender is told to retry");
        Claimed::Rejected(error)
    }
}
