use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};

use super::held::Lease;
use super::in_flight::Guard;
use super::subject::{Subject, log_delivery, log_end};
use super::{LeaseHandle, Outcome, OutcomeKind};
use crate::error::{Failure, WebhookError};
use crate::metrics::{self, Stopwatch};

/// A delivery that is the caller's to handle. Dropped before its end, it leaves
/// its claim to run out with the lease.
#[must_use]
pub struct HeldClaim<S> {
    /// Without a lease when failing open.
    lease: Result<Lease, Subject>,
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
    pub(super) fn new(
        lease: Result<Lease, Subject>,
        renew_for: Duration,
        sleep: S,
        in_flight: Guard,
    ) -> Self {
        Self {
            lease,
            renew_for,
            sleep,
            in_flight,
        }
    }

    /// For the handler; none when failing open.
    pub fn lease(&self) -> Option<LeaseHandle> {
        self.lease.as_ref().ok().map(|lease| lease.handle.clone())
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
        let took = Stopwatch::start();
        let handler = AssertUnwindSafe(handler).catch_unwind();
        let (handled, lease) = match lease {
            Ok(mut lease) => {
                let handled = match select(pin!(handler), pin!(lease.keep(renew_for, &sleep))).await
                {
                    Either::Left((handled, _)) => handled,
                    Either::Right((never, _)) => match never {},
                };
                (handled, Ok(lease))
            }
            Err(subject) => (handler.await, Err(subject)),
        };
        metrics::handled(took);
        let completed = handled.as_ref().is_ok_and(completes);
        let (outcome, settling) = match lease {
            Ok(lease) => lease.settle(completed, sleep, in_flight).await,
            Err(subject) => {
                let kind = OutcomeKind::Unguarded;
                log_end!(
                    info,
                    subject,
                    kind.name(),
                    completed,
                    "handled without a claim"
                );
                (Outcome::new(kind, None), None)
            }
        };
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
