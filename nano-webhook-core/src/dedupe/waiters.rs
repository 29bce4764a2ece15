use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::{Poll, Waker};

#[derive(Debug, Default)]
pub(super) struct Waiters(Mutex<Vec<Waker>>);

impl Waiters {
    /// Waits until the condition is true. What makes it true must call
    /// [`wake`](Self::wake) afterwards.
    pub(super) async fn until(&self, condition: impl Fn() -> bool) {
        poll_fn(|context| {
            // Under the lock, so that a wake between the check and the
            // registration is not missed.
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if condition() {
                return Poll::Ready(());
            }
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    pub(super) fn wake(&self) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = std::mem::take(&mut *waiting);
        drop(waiting);
        woken.into_iter().for_each(Waker::wake);
    }
}
