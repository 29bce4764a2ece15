use std::convert::Infallible;
use std::future::pending;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};

use super::calls::Calls;
use super::config::Settings;
use super::store::{Ownership, StoreError, Terms};
use super::subject::{Subject, log_delivery, log_end, log_rejection};
use super::{LeaseHandle, OwnerToken};
use crate::error::{Failure, WebhookError};

pub(super) struct Lease {
    pub(super) store: Calls,
    pub(super) terms: Terms,
    renew_for: Duration,
    pub(super) subject: Subject,
    pub(super) handle: LeaseHandle,
    claimed_at: Instant,
    /// The last call that is known to have extended the lease began here.
    pub(super) held_since: Instant,
}

impl Lease {
    pub(super) fn new(
        settings: &Settings,
        subject: Subject,
        owner: OwnerToken,
        attempt: u64,
        claimed_at: Instant,
    ) -> Self {
        Self {
            store: settings.store.clone(),
            terms: settings.terms,
            renew_for: settings.renew_for,
            handle: LeaseHandle::new(subject.id, owner, attempt),
            subject,
            claimed_at,
            held_since: claimed_at,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.remaining().is_zero()
    }

    fn remaining(&self) -> Duration {
        (self.terms.lease).saturating_sub(self.held_since.elapsed())
    }

    fn renew(&self, terms: Terms) -> impl Future<Output = Result<Ownership, StoreError>> {
        (self.store).renew(self.subject.id, self.handle.owner(), terms)
    }

    /// For a claim that took longer than its lease. No handler starts on a lease that
    /// is over.
    pub(super) async fn renew_late(&mut self) -> Result<(), WebhookError> {
        let (retry_after, asked_at) = (self.terms.lease, Instant::now());
        let error = match self.renew(self.terms).await {
            Ok(Ownership::Held) if asked_at.elapsed() < self.terms.lease => {
                self.held_since = asked_at;
                return Ok(());
            }
            Ok(Ownership::Held) => {
                let _ = self.settle_once(false).await;
                StoreError::new("it answers more slowly than the lease lasts")
                    .rejection(retry_after)
            }
            Ok(Ownership::Lost) => Failure::InProgress { retry_after }.into(),
            Err(error) => error.rejection(retry_after),
        };
        log_rejection!(warn, self.subject, error, %error, "the claim took longer than its lease; the sender is told to retry");
        Err(error)
    }

    /// Ends the lease without a release. The record then looks as if its owner had
    /// died, as it was found.
    pub(super) async fn park(&self) -> WebhookError {
        let error = WebhookError::from(Failure::Parked {
            retry_after: self.terms.lease,
        });
        log_rejection!(
            error,
            self.subject,
            error,
            "an earlier attempt ended without an outcome; the delivery is parked, release it with Dedupe::release_parked"
        );
        let mut terms = self.terms;
        terms.lease = Duration::from_millis(1);
        let _ = self.renew(terms).await;
        error
    }

    /// Renews the lease for as long as it is polled, at most `renew_for`. Tells the
    /// handler when the lease is lost, or when the store did not answer for as
    /// long as it lasts.
    pub(super) async fn keep<T: Future<Output = ()>>(
        &mut self,
        sleep: impl Fn(Duration) -> T,
    ) -> Infallible {
        let mut pause = self.terms.lease / 3;
        loop {
            let wait = match self.remaining() {
                Duration::ZERO => pause,
                rest => pause.min(rest),
            };
            sleep(wait).await;
            if self.claimed_at.elapsed() >= self.renew_for {
                self.lose();
                log_delivery!(
                    error,
                    self.subject,
                    "the handler takes longer than its lease is renewed for; another receiver may handle the delivery"
                );
                return pending().await;
            }
            let asked_at = Instant::now();
            // Boxed: few handlers run for so long.
            match Box::pin(self.renew_in_time(&sleep)).await {
                Ok(Ownership::Held) => {
                    self.held_since = asked_at;
                    pause = self.terms.lease / 3;
                }
                Ok(Ownership::Lost) => {
                    self.lose();
                    return pending().await;
                }
                Err(error) => {
                    log_delivery!(warn, self.subject, %error, "the lease could not be renewed");
                    pause = self.terms.lease / 10;
                }
            }
            if self.is_over() {
                self.lose();
            }
        }
    }

    /// A store may take its time to say that it cannot be reached. The handler is told
    /// when the lease is over, not after that.
    async fn renew_in_time<T: Future<Output = ()>>(
        &self,
        sleep: impl Fn(Duration) -> T,
    ) -> Result<Ownership, StoreError> {
        let over = pin!(sleep(self.remaining()));
        match select(pin!(self.renew(self.terms)), over).await {
            Either::Left((renewed, _)) => renewed,
            Either::Right(((), renewal)) => {
                self.lose();
                renewal.await
            }
        }
    }

    fn lose(&self) {
        if self.handle.lose() {
            log_delivery!(
                warn,
                self.subject,
                "the lease is lost, or no longer known to be held, while its handler runs; another receiver may handle the delivery too"
            );
        }
    }
}
