use std::convert::Infallible;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};

use super::claim::Settling;
use super::in_flight::Guard;
use super::store::{DedupeStore, Ownership, StoreError, StoreFuture, Terms};
use super::{DeliveryId, LeaseHandle, Outcome, OutcomeKind};
use crate::delivery::Delivery;
use crate::error::{Failure, WebhookError};

/// Logs about a delivery: its event, task and identity stand in every line.
macro_rules! log_delivery {
    ($level:ident, $of:expr, $($rest:tt)+) => {
        tracing::$level!(
            event = $of.delivery.event().name(),
            task_id = $of.delivery.event().task_id(),
            delivery_id = %$of.id,
            $($rest)+
        )
    };
}
pub(super) use log_delivery;

/// The first pause before a claim is settled again, and the longest.
const SETTLE_PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// A lease that this process holds.
pub(super) struct Lease {
    pub(super) store: Arc<dyn DedupeStore>,
    pub(super) terms: Terms,
    pub(super) delivery: Delivery,
    pub(super) id: DeliveryId,
    pub(super) handle: LeaseHandle,
    pub(super) claimed_at: Instant,
    /// The last call that is known to have extended the lease began here.
    pub(super) held_since: Instant,
}

impl Lease {
    fn attempt(&self) -> u64 {
        self.handle.attempt()
    }

    fn remaining(&self) -> Duration {
        (self.terms.lease).saturating_sub(self.held_since.elapsed())
    }

    fn ask_to_renew(&self) -> StoreFuture<'_, Ownership> {
        (self.store).renew(self.id, self.handle.owner(), self.terms)
    }

    /// A claim may take longer than its lease. No handler starts on a lease that is
    /// over.
    pub(super) async fn ensure_live(&mut self) -> Result<(), WebhookError> {
        if !self.remaining().is_zero() {
            return Ok(());
        }
        let (retry_after, asked_at) = (self.terms.lease, Instant::now());
        let failure = match self.ask_to_renew().await {
            Ok(Ownership::Held) if asked_at.elapsed() < self.terms.lease => {
                self.held_since = asked_at;
                return Ok(());
            }
            Ok(Ownership::Held) => {
                let _ = self.settle_once(false).await;
                let source = Arc::from(Box::from("it answers more slowly than the lease lasts"));
                Failure::Store {
                    retry_after,
                    source,
                }
            }
            Ok(Ownership::Lost) => Failure::InProgress { retry_after },
            Err(error) => Failure::Store {
                retry_after,
                source: error.cause(),
            },
        };
        let error = WebhookError::from(failure);
        log_delivery!(warn, self, attempt = self.attempt(), %error, "the claim took longer than its lease; the sender is told to retry");
        Err(error)
    }

    /// Ends the lease without a release: the record then looks as if its owner had
    /// died.
    pub(super) async fn expire(&self) {
        let terms = Terms {
            lease: Duration::from_millis(1),
            ..self.terms
        };
        let _ = self.store.renew(self.id, self.handle.owner(), terms).await;
    }

    /// Renews the lease for as long as it is polled, at most `renew_for`. Tells the
    /// handler when the lease is lost, or when the store did not answer for as
    /// long as it lasts.
    pub(super) async fn keep<T: Future<Output = ()>>(
        &mut self,
        renew_for: Duration,
        sleep: impl Fn(Duration) -> T,
    ) -> Infallible {
        let mut pause = self.terms.lease / 3;
        loop {
            let rest = self.remaining();
            sleep(if rest.is_zero() {
                pause
            } else {
                pause.min(rest)
            })
            .await;
            if self.claimed_at.elapsed() >= renew_for {
                self.lose();
                log_delivery!(
                    error,
                    self,
                    attempt = self.attempt(),
                    "the handler takes longer than its lease is renewed for; another receiver may handle the delivery"
                );
                return pending().await;
            }
            let asked_at = Instant::now();
            let renewed = {
                // A store may take its time to say that it cannot be reached. The
                // handler is told when the lease is over, not after that.
                let over = pin!(sleep(self.remaining()));
                match select(self.ask_to_renew(), over).await {
                    Either::Left((renewed, _)) => renewed,
                    Either::Right(((), renewal)) => {
                        self.lose();
                        renewal.await
                    }
                }
            };
            match renewed {
                Ok(Ownership::Held) => {
                    self.held_since = asked_at;
                    pause = self.terms.lease / 3;
                }
                Ok(Ownership::Lost) => {
                    self.lose();
                    return pending().await;
                }
                Err(error) => {
                    log_delivery!(warn, self, attempt = self.attempt(), %error, "the lease could not be renewed");
                    pause = self.terms.lease / 10;
                }
            }
            if self.remaining().is_zero() {
                self.lose();
            }
        }
    }

    fn lose(&self) {
        if self.handle.lose() {
            log_delivery!(
                warn,
                self,
                attempt = self.attempt(),
                "the lease is lost, or no longer known to be held, while its handler runs; another receiver may handle the delivery too"
            );
        }
    }

    /// Ends the claim. The handler's answer stands, whatever the store says.
    pub(super) async fn settle<S, T>(
        self,
        completed: bool,
        sleep: S,
        in_flight: Guard,
    ) -> (Outcome, Option<Settling>)
    where
        S: Fn(Duration) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let attempt = self.attempt();
        let outcome = |kind| Outcome::new(kind, Some(attempt));
        match self.settle_once(completed).await {
            Ok(Ownership::Held) if completed => {
                log_delivery!(info, self, attempt, outcome = "completed", "handled");
                (outcome(OutcomeKind::Completed), None)
            }
            Ok(Ownership::Held) => {
                log_delivery!(
                    warn,
                    self,
                    attempt,
                    outcome = "released",
                    "the handler did not succeed; the next delivery is handled"
                );
                (outcome(OutcomeKind::Released), None)
            }
            Ok(Ownership::Lost) => {
                self.log_lost();
                (outcome(OutcomeKind::LeaseLost), None)
            }
            Err(error) => {
                log_delivery!(error, self, attempt, outcome = "unsettled", completed, %error, "the store did not answer; the claim is settled in the background");
                let settling = Settling(Box::pin(self.settle_later(completed, sleep, in_flight)));
                (outcome(OutcomeKind::Unsettled), Some(settling))
            }
        }
    }

    async fn settle_once(&self, completed: bool) -> Result<Ownership, StoreError> {
        let owner = self.handle.owner();
        match completed {
            true => self.store.complete(self.id, owner, self.terms).await,
            false => self.store.release(self.id, owner, self.terms).await,
        }
    }

    /// Until the store answers, or has forgotten the record.
    async fn settle_later<S, T>(self, completed: bool, sleep: S, _in_flight: Guard)
    where
        S: Fn(Duration) -> T,
        T: Future<Output = ()>,
    {
        let attempt = self.attempt();
        let forgotten_after = self.terms.lease.saturating_add(self.terms.retention);
        let (mut pause, longest) = SETTLE_PAUSE;
        while self.held_since.elapsed() < forgotten_after {
            sleep(pause).await;
            pause = pause.saturating_mul(2).min(longest);
            match self.settle_once(completed).await {
                Ok(Ownership::Held) => {
                    log_delivery!(
                        info,
                        self,
                        attempt,
                        completed,
                        "the claim was settled after the store answered again"
                    );
                    return;
                }
                Ok(Ownership::Lost) => return self.log_lost(),
                Err(_) => {}
            }
        }
    }

    fn log_lost(&self) {
        log_delivery!(
            warn,
            self,
            attempt = self.attempt(),
            outcome = "lease_lost",
            "another receiver has claimed the delivery, or the store has forgotten it, before the handler ended; it may be handled twice"
        );
    }
}
