use std::sync::Arc;

use nano_webhook_core::Delivery;
use nano_webhook_test_kit::until;
use tokio::sync::{Semaphore, watch};

/// Stands inside a handler: counts its calls, and decides by the task's id what
/// it does.
///
/// - `hold…` waits until [`Probe::let_go`],
/// - `fail…` answers 500 the first time,
/// - `panic…` panics the first time,
/// - `answer-204…` answers 204 the first time, and so for every status,
/// - anything else answers 200.
///
/// The first time is the first call of this probe, whatever the task.
#[derive(Clone, Debug)]
pub struct Probe {
    counts: Arc<watch::Sender<Counts>>,
    /// How many that wait may go on.
    gate: Arc<Semaphore>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    begun: usize,
    ended: usize,
    /// Dropped on their way, or panicked.
    cut_off: usize,
}

impl Default for Probe {
    fn default() -> Self {
        let (counts, gate) = (Arc::default(), Arc::new(Semaphore::new(0)));
        Self { counts, gate }
    }
}

impl Probe {
    /// What a handler does; returns the status of its answer.
    pub async fn handle(&self, delivery: &Delivery) -> u16 {
        let task = delivery.event().task_id().unwrap_or_default();
        let call = Call(&self.counts);
        let mut first = false;
        self.counts.send_modify(|counts| {
            counts.begun += 1;
            first = counts.begun == 1;
        });
        if task.starts_with("hold") {
            self.gate.acquire().await.unwrap().forget();
        }
        let panics = first && task.starts_with("panic");
        assert!(!panics, "this handler was told to panic");
        std::mem::forget(call);
        self.counts.send_modify(|counts| counts.ended += 1);
        let told = task.strip_prefix("answer-");
        match told.and_then(|rest| rest.get(..3)?.parse().ok()) {
            Some(status) if first => status,
            _ if first && task.starts_with("fail") => 500,
            _ => 200,
        }
    }

    pub(crate) fn calls(&self) -> usize {
        self.counts.borrow().begun
    }

    /// How many calls came to their end.
    pub fn ended(&self) -> usize {
        self.counts.borrow().ended
    }

    pub(crate) fn cut_off(&self) -> usize {
        self.counts.borrow().cut_off
    }

    /// Lets one handler that waits go on.
    pub fn let_go(&self) {
        self.gate.add_permits(1);
    }

    /// Waits until it was called for the `count`th time.
    pub async fn until_begun(&self, count: usize) -> Result<(), String> {
        until(&self.counts, |counts| counts.begun >= count).await
    }

    pub(crate) async fn until_ended(&self, count: usize) -> Result<(), String> {
        let over = |counts: &Counts| counts.ended + counts.cut_off >= count;
        until(&self.counts, over).await
    }
}

/// A call, cut off if it is dropped.
struct Call<'a>(&'a watch::Sender<Counts>);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|counts| counts.cut_off += 1);
    }
}
