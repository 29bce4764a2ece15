use std::time::{Duration, Instant};

use super::config::Dedupe;
use super::held::Lease;
use super::run::{HeldClaim, Settling};
use super::store::{Claim, StoreError};
use super::subject::{Subject, log_delivery, log_end, log_rejection};
use super::{BodyDigest, Outcome, OutcomeKind, OwnerToken};
use crate::delivery::Delivery;
use crate::error::{Failure, WebhookError};

const STORE_RETRY_AFTER: Duration = Duration::from_secs(5);

/// The answer to [`Dedupe::claim`].
#[derive(Debug)]
#[must_use]
pub enum Claimed<S> {
    /// Call the handler, through [`HeldClaim::run`].
    Held(HeldClaim<S>),
    /// The delivery was handled before. Answer 200.
    Duplicate(Outcome),
    /// The delivery cannot be handled now. Run what settles its claim in a task of
    /// its own, and answer without waiting for it.
    Rejected(WebhookError, Option<Settling>),
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
        S: Fn(Duration) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let in_flight = self.0.in_flight.enter();
        let dedupe = self.clone();
        let body = BodyDigest::of(delivery.body());
        let mut subject = Subject {
            delivery: delivery.clone(),
            id: self.delivery_id(delivery),
            attempt: None,
        };
        // The futures of rare answers are boxed: the one around them stays small.
        async move {
            let settings = &*dedupe.0;
            // A runtime without a timer panics here, and not while a claim is held.
            drop(sleep(settings.terms.lease));
            loop {
                subject.record_id();
                // Before the call: the store's lease begins no earlier than this.
                let claimed_at = Instant::now();
                let owner = match OwnerToken::next(claimed_at) {
                    Ok(owner) => owner,
                    Err(error) => return Claimed::Rejected(store_failed(&subject, &error), None),
                };
                let claim = (settings.store).claim(subject.id, body, owner, settings.terms);
                match claim.await {
                    Err(error) if settings.fail_open => {
                        log_delivery!(error, subject, %error, "the deduplication store is unavailable; the handler runs without a claim");
                        return Claimed::Held(HeldClaim::new(Err(subject), sleep, in_flight));
                    }
                    Err(error) => {
                        let rejection = store_failed(&subject, &error);
                        // The claim may have taken effect, and nothing else knows its
                        // owner.
                        let lease = Lease::new(settings, subject, owner, 0, claimed_at);
                        let released = Box::pin(lease.settle_once(false)).await;
                        let settling = released.is_err().then(|| lease.release_later(sleep));
                        return Claimed::Rejected(rejection, settling);
                    }
                    Ok(Claim::Acquired {
                        attempt,
                        taken_over,
                    }) => {
                        let subject = subject.claimed(attempt);
                        let mut lease = Lease::new(settings, subject, owner, attempt, claimed_at);
                        if taken_over && settings.park {
                            return Claimed::Rejected(Box::pin(lease.park()).await, None);
                        }
                        if lease.is_over()
                            && let Err(error) = Box::pin(lease.renew_late()).await
                        {
                            return Claimed::Rejected(error, None);
                        }
                        return Claimed::Held(HeldClaim::new(Ok(lease), sleep, in_flight));
                    }
                    Ok(Claim::InProgress { remaining }) => {
                        let retry_after = remaining;
                        let error = WebhookError::from(Failure::InProgress { retry_after });
                        log_rejection!(
                            info,
                            subject,
                            error,
                            ?retry_after,
                            "another request is processing the delivery"
                        );
                        return Claimed::Rejected(error, None);
                    }
                    Ok(Claim::Completed { body: handled }) if handled == body => {
                        let kind = OutcomeKind::Duplicate;
                        log_end!(
                            info,
                            subject,
                            kind.name(),
                            "the delivery was handled before"
                        );
                        return Claimed::Duplicate(Outcome::new(kind, None));
                    }
                    Ok(Claim::Completed { body: handled }) if settings.handle_differing => {
                        log_delivery!(warn, subject, %body, handled_body = %handled, "the delivery was handled before with another signed body; it is handled again");
                        // Under an identity of its own: the next one like it is a
                        // plain duplicate.
                        subject.id = subject.id.with_body(body);
                    }
                    Ok(Claim::Completed { body: handled }) => {
                        let kind = OutcomeKind::DifferingDuplicate;
                        log_end!(warn, subject, kind.name(), %body, handled_body = %handled, "the delivery was handled before with another signed body");
                        return Claimed::Duplicate(Outcome::new(kind, None));
                    }
                }
            }
        }
    }
}

fn store_failed(subject: &Subject, failed: &StoreError) -> WebhookError {
    let error = failed.rejection(STORE_RETRY_AFTER);
    log_rejection!(error, subject, error, error = %failed, "the deduplication store is unavailable; the sender is told to retry");
    error
}
