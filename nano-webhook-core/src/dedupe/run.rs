use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use tracing::Instrument as _;

use super::held::Lease;
use super::in_flight::Guard;
use super::subject::{Subject, log_delivery, log_end};
use super::{LeaseHandle, Outcome, OutcomeKind};
use crate::error::WebhookError;
use crate::metrics::{self, Stopwatch};

/// A delivery that is the caller's to handle. Dropped before its end, it leaves
/// its claim to run out with the lease.
#[must_use]
pub struct HeldClaim<S> {
    /// Without a lease when failing open.
    lease: Result<Lease, Subject>,
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

/// Retries to settle a claim until the store answers. After a handler it counts as in
/// flight.
pub struct Settling(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Settling {
    pub(super) fn new(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Box::pin(work.in_current_span()))
    }
}

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
    pub(super) fn new(lease: Result<Lease, Subject>, sleep: S, in_flight: Guard) -> Self {
        Self {
            lease,
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
    pub fn run<H, T>(
        self,
        handler: H,
        completes: impl FnOnce(&H::Output) -> bool,
    ) -> impl Future<Output = Handled<H::Output>>
    where
        H: Future,
        S: Fn(Duration) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let Self {
            mut lease,
            sleep,
            in_flight,
        } = self;
        let handler = handler.map(|output| {
            let completed = completes(&output);
            (output, completed)
        });
        // Boxed, so that the futures around it do not grow by its size, twice.
        let handler = Box::pin(AssertUnwindSafe(handler).catch_unwind());
        async move {
            let took = Stopwatch::start();
            let handled = match &mut lease {
                Ok(lease) => match select(handler, pin!(lease.keep(&sleep))).await {
                    Either::Left((handled, _)) => handled,
                    Either::Right((never, _)) => match never {},
                },
                Err(_) => handler.await,
            };
            metrics::handled(took);
            let completed = matches!(handled, Ok((_, true)));
            let (outcome, settling) = match lease {
                Ok(lease) => {
                    let settled = lease.settle_once(completed).await;
                    lease.settled(completed, settled, sleep, in_flight)
                }
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
                output: (handled.map(|(output, _)| output))
                    .map_err(|_| WebhookError::handler_failed().because("it panicked")),
                outcome,
                settling,
            }
        }
    }
}

/// Marks a request whose delivery a layer further out has claimed. An inner layer would
/// find that delivery in progress.
#[derive(Clone, Copy, Debug)]
pub struct OuterClaim;

/// Polls the work once, and spawns what is still pending, so that a client that
/// disconnects does not cancel it. `spawn` starts a task and returns its handle.
///
/// # Errors
/// `HandlerFailed` if the work panicked, or its task was cancelled.
pub fn run_to_end<W, J, E>(
    work: W,
    spawn: impl FnOnce(Pin<Box<W>>) -> J,
) -> impl Future<Output = Result<W::Output, WebhookError>>
where
    W: Future,
    J: Future<Output = Result<W::Output, E>>,
{
    let mut work = Box::pin(work);
    async move {
        let first = poll_fn(|context| {
            let poll = AssertUnwindSafe(|| work.as_mut().poll(context));
            Poll::Ready(catch_unwind(poll))
        });
        let output = match first.await {
            Ok(Poll::Ready(output)) => Some(output),
            Ok(Poll::Pending) => spawn(work).await.ok(),
            Err(_) => None,
        };
        output.ok_or_else(|| {
            WebhookError::handler_failed().because("its task panicked or was cancelled")
        })
    }
}

impl<S> fmt::Debug for HeldClaim<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldClaim")
            .field("lease", &self.lease())
            .finish_non_exhaustive()
    }
}
