use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::waiters::Waiters;
use crate::metrics;

#[derive(Clone, Default)]
pub(super) struct InFlight(Arc<State>);

#[derive(Default)]
struct State {
    count: AtomicUsize,
    waiters: Waiters,
}

impl InFlight {
    pub(super) fn count(&self) -> usize {
        self.0.count.load(Ordering::Acquire)
    }

    pub(super) async fn drained(&self) {
        self.0.waiters.until(|| self.count() == 0).await;
    }

    /// Counts one more until the guard is dropped.
    pub(super) fn enter(&self) -> Guard {
        self.0.count.fetch_add(1, Ordering::AcqRel);
        metrics::entered();
        Guard(Arc::clone(&self.0))
    }
}

pub(super) struct Guard(Arc<State>);

impl Drop for Guard {
    fn drop(&mut self) {
        metrics::left();
        if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.waiters.wake();
        }
    }
}
