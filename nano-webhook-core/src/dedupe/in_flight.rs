use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

/// The deliveries that are being handled at this moment, for a graceful
/// shutdown.
///
/// A handler behind a claim runs to its end even if its client hangs up, so a
/// server that has closed its last connection may still have handlers running.
/// Wait for them, with a deadline, before the process ends; what is cut off then
/// is handled again when its lease has run out.
///
/// ```no_run
/// # async fn shut_down(in_flight: nano_webhook_core::dedupe::InFlight) {
/// use std::time::Duration;
///
/// if tokio::time::timeout(Duration::from_secs(20), in_flight.drained()).await.is_err() {
///     eprintln!("cut off {} handlers", in_flight.count());
/// }
/// # }
/// ```
#[derive(Clone, Default)]
pub struct InFlight(Arc<State>);

#[derive(Default)]
struct State {
    count: AtomicUsize,
    waiting: Mutex<Vec<Waker>>,
}

impl InFlight {
    /// How many deliveries are between their claim and its end.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.count.load(Ordering::Acquire)
    }

    /// Waits until there are none. Stop accepting requests first.
    pub async fn drained(&self) {
        poll_fn(|context| {
            let mut waiting = self.0.lock();
            if self.count() == 0 {
                return Poll::Ready(());
            }
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// Counts one more until what it returns is dropped.
    pub(super) fn enter(&self) -> impl Drop + use<> {
        self.0.count.fetch_add(1, Ordering::AcqRel);
        Guard(Arc::clone(&self.0))
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight")
            .field("count", &self.count())
            .finish()
    }
}

impl State {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Waker>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Guard(Arc<State>);

impl Drop for Guard {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            // Under the lock, so that nobody registers between the count and this.
            let waiting = std::mem::take(&mut *self.0.lock());
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}
