use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nano_webhook_core::Delivery;
use tokio::sync::Semaphore;

/// Stands inside a handler: counts its calls, and decides by the task's id what
/// it does.
///
/// - `hold…` waits until [`Probe::let_go`],
/// - `fail…` answers 500 the first time,
/// - `panic…` panics the first time,
/// - anything else answers 200.
#[derive(Clone, Debug)]
pub struct Probe(Arc<State>);

#[derive(Debug)]
struct State {
    begun: AtomicUsize,
    begun_signal: Semaphore,
    ended: AtomicUsize,
    ended_signal: Semaphore,
    gate: Semaphore,
}

impl Default for Probe {
    fn default() -> Self {
        Self(Arc::new(State {
            begun: AtomicUsize::new(0),
            begun_signal: Semaphore::new(0),
            ended: AtomicUsize::new(0),
            ended_signal: Semaphore::new(0),
            gate: Semaphore::new(0),
        }))
    }
}

impl Probe {
    /// What a handler does; returns the status of its answer.
    ///
    /// # Panics
    /// When the task says so.
    pub async fn handle(&self, delivery: &Delivery) -> u16 {
        let task = delivery.event().task_id().unwrap_or_default();
        let before = self.0.begun.fetch_add(1, Ordering::SeqCst);
        self.0.begun_signal.add_permits(1);
        if task.starts_with("hold") {
            self.0.gate.acquire().await.unwrap().forget();
        }
        assert!(
            !(task.starts_with("panic") && before == 0),
            "this handler was told to panic"
        );
        self.0.ended.fetch_add(1, Ordering::SeqCst);
        self.0.ended_signal.add_permits(1);
        if task.starts_with("fail") && before == 0 {
            500
        } else {
            200
        }
    }

    /// How many times the handler was called.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.0.begun.load(Ordering::SeqCst)
    }

    /// How many calls came to their end.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.0.ended.load(Ordering::SeqCst)
    }

    /// Lets one handler that waits go on.
    pub fn let_go(&self) {
        self.0.gate.add_permits(1);
    }

    pub(crate) async fn until_begun(&self) {
        self.0.begun_signal.acquire().await.unwrap().forget();
    }

    pub(crate) async fn until_ended(&self) {
        self.0.ended_signal.acquire().await.unwrap().forget();
    }
}
