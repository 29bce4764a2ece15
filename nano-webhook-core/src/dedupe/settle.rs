use std::time::Duration;

use tracing::Instrument as _;

use super::held::Lease;
use super::in_flight::Guard;
use super::run::Settling;
use super::store::{DedupeStore as _, Ownership, StoreError};
use super::subject::{log_delivery, log_end};
use super::{Outcome, OutcomeKind};
use crate::metrics;

/// The first pause before a claim is settled again, and the longest.
const SETTLE_PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

const LOST: &str = "another receiver has claimed the delivery, or the store has forgotten it, before the handler ended; it may be handled twice";

impl Lease {
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
        let settled = self.settle_once(completed).await;
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
            let later = self.settle_later(completed, sleep, in_flight);
            Settling(Box::pin(later.in_current_span()))
        });
        (outcome, settling)
    }

    pub(super) async fn settle_once(&self, completed: bool) -> Result<Ownership, StoreError> {
        let (id, owner) = (self.subject.id, self.handle.owner());
        let (operation, settled) = match completed {
            true => ("complete", self.store.complete(id, owner, self.terms).await),
            false => ("release", self.store.release(id, owner, self.terms).await),
        };
        metrics::answered(operation, settled.is_err());
        settled
    }

    /// Until the store answers, or has forgotten the record.
    async fn settle_later<S, T>(self, completed: bool, sleep: S, _in_flight: Guard)
    where
        S: Fn(Duration) -> T,
        T: Future<Output = ()>,
    {
        let forgotten_after = self.terms.lease.saturating_add(self.terms.retention);
        let (mut pause, longest) = SETTLE_PAUSE;
        while self.held_since.elapsed() < forgotten_after {
            sleep(pause).await;
            pause = pause.saturating_mul(2).min(longest);
            let settled = self.settle_once(completed).await;
            let outcome = outcome(completed, &settled).name();
            match settled {
                Ok(Ownership::Held) => {
                    log_delivery!(
                        info,
                        self.subject,
                        outcome,
                        "the claim was settled after the store answered again"
                    );
                    return;
                }
                Ok(Ownership::Lost) => {
                    log_delivery!(warn, self.subject, outcome, "{LOST}");
                    return;
                }
                Err(_) => {}
            }
        }
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
