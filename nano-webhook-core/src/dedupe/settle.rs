use std::time::Duration;

use super::held::Lease;
use super::in_flight::Guard;
use super::run::Settling;
use super::store::{Ownership, StoreError};
use super::subject::{log_delivery, log_end};
use super::{Outcome, OutcomeKind};

/// The first pause before a claim is settled again, and the longest.
const SETTLE_PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

const LOST: &str = "another receiver has claimed the delivery, or the store has forgotten it, before the handler ended; it may be handled twice";

impl Lease {
    /// After [`settle_once`](Self::settle_once). The handler's answer stands, whatever
    /// the store says.
    pub(super) fn settled<S, T>(
        self,
        completed: bool,
        settled: Result<Ownership, StoreError>,
        sleep: S,
        in_flight: Guard,
    ) -> (Outcome, Option<Settling>)
    where
        S: Fn(Duration) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let (subject, kind) = (&self.subject, outcome(completed, &settled));
        let name = kind.name();
        match (kind, settled) {
            (_, Err(error)) => {
                log_end!(error, subject, name, completed, %error, "the store did not answer; the claim is settled in the background");
            }
            (OutcomeKind::Completed, _) => log_end!(info, subject, name, "handled"),
            (OutcomeKind::Released, _) => {
                log_end!(
                    warn,
                    subject,
                    name,
                    "the handler did not succeed; the next delivery is handled"
                );
            }
            _ => log_end!(warn, subject, name, "{LOST}"),
        }
        let outcome = Outcome::new(kind, subject.attempt);
        let settling = (kind == OutcomeKind::Unsettled).then(|| {
            Settling::new(async move {
                self.settle_later(completed, sleep).await;
                drop(in_flight);
            })
        });
        (outcome, settling)
    }

    pub(super) async fn settle_once(&self, completed: bool) -> Result<Ownership, StoreError> {
        let (id, owner) = (self.subject.id, self.handle.owner());
        self.store.settle(completed, id, owner, self.terms).await
    }

    /// For a claim whose answer was lost, and whose release failed. Ends with the
    /// lease: an outage would otherwise leave a task for each delivery.
    pub(super) fn release_later<S, T>(self, sleep: S) -> Settling
    where
        S: Fn(Duration) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        Settling::new(async move {
            let _ = self.retry(false, self.terms.lease, sleep).await;
        })
    }

    /// Until the store answers, or has forgotten the record.
    async fn settle_later<S, T>(&self, completed: bool, sleep: S)
    where
        S: Fn(Duration) -> T,
        T: Future<Output = ()>,
    {
        let forgotten_after = self.terms.lease.saturating_add(self.terms.retention);
        let Some(ownership) = self.retry(completed, forgotten_after, sleep).await else {
            return;
        };
        let outcome = outcome(completed, &Ok(ownership)).name();
        match ownership {
            Ownership::Held => log_delivery!(
                info,
                self.subject,
                outcome,
                "the claim was settled after the store answered again"
            ),
            Ownership::Lost => log_delivery!(warn, self.subject, outcome, "{LOST}"),
        }
    }

    /// The store's answer, unless it gives none for this long.
    async fn retry<S, T>(&self, completed: bool, longest: Duration, sleep: S) -> Option<Ownership>
    where
        S: Fn(Duration) -> T,
        T: Future<Output = ()>,
    {
        let (mut pause, longest_pause) = SETTLE_PAUSE;
        while self.held_since.elapsed() < longest {
            sleep(pause).await;
            pause = pause.saturating_mul(2).min(longest_pause);
            if let Ok(ownership) = self.settle_once(completed).await {
                return Some(ownership);
            }
        }
        None
    }
}

fn outcome(completed: bool, settled: &Result<Ownership, StoreError>) -> OutcomeKind {
    match settled {
        Ok(Ownership::Held) if completed => OutcomeKind::Completed,
        Ok(Ownership::Held) => OutcomeKind::Released,
        Ok(Ownership::Lost) => OutcomeKind::LeaseLost,
        Err(_) => OutcomeKind::Unsettled,
    }
}
