use std::sync::Arc;

use nano_webhook_core::Delivery;
use tokio::sync::watch;
use tokio::time::timeout;

use nano_webhook_test_kit::PATIENCE;

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
#[derive(Clone, Debug, Default)]
pub struct Probe(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    counts: watch::Sender<Counts>,
    /// How many that wait may go on.
    gate: watch::Sender<usize>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    begun: usize,
    ended: usize,
    cut_off: usize,
}

impl Probe {
    /// What a handler does; returns the status of its answer.
    ///
    /// # Panics
    /// When the task says so.
    pub async fn handle(&self, delivery: &Delivery) -> u16 {
        let task = delivery.event().task_id().unwrap_or_default().to_owned();
        let call = Call::begin(self.clone());
        let first = call.number == 1;
        if task.starts_with("hold") {
            self.wait_at_gate().await;
        }
        assert!(
            !(first && task.starts_with("panic")),
            "this handler was told to panic"
        );
        call.end();
        let told = task
            .strip_prefix("answer-")
            .and_then(|rest| rest.get(..3)?.parse().ok());
        match told {
            Some(status) if first => status,
            _ if first && task.starts_with("fail") => 500,
            _ => 200,
        }
    }

    /// How many times the handler was called.
    pub(crate) fn calls(&self) -> usize {
        self.0.counts.borrow().begun
    }

    /// How many calls came to their end.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.0.counts.borrow().ended
    }

    /// How many calls were dropped on their way, or panicked.
    pub(crate) fn cut_off(&self) -> usize {
        self.0.counts.borrow().cut_off
    }

    /// Lets one handler that waits go on.
    pub fn let_go(&self) {
        self.0.gate.send_modify(|free| *free += 1);
    }

    /// Waits until it was called for the `count`th time.
    ///
    /// # Errors
    /// If it is not, for longer than a loaded machine needs.
    pub async fn until_begun(&self, count: usize) -> Result<(), String> {
        self.until("begun", count, |counts| counts.begun).await
    }

    pub(crate) async fn until_ended(&self, count: usize) -> Result<(), String> {
        self.until("ended", count, |counts| counts.ended + counts.cut_off)
            .await
    }

    async fn until(
        &self,
        what: &str,
        count: usize,
        counted: impl Fn(&Counts) -> usize,
    ) -> Result<(), String> {
        let mut counts = self.0.counts.subscribe();
        let reached = counts.wait_for(|counts| counted(counts) >= count);
        match timeout(PATIENCE, reached).await {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("the handler has not {what} {count} times")),
        }
    }

    async fn wait_at_gate(&self) {
        let mut gate = self.0.gate.subscribe();
        loop {
            let taken = self.0.gate.send_if_modified(|free| {
                let open = *free > 0;
                *free -= usize::from(open);
                open
            });
            if taken || gate.changed().await.is_err() {
                return;
            }
        }
    }
}

/// A call that is either ended or cut off.
struct Call {
    probe: Probe,
    number: usize,
    ended: bool,
}

impl Call {
    fn begin(probe: Probe) -> Self {
        let mut number = 0;
        probe.0.counts.send_modify(|counts| {
            counts.begun += 1;
            number = counts.begun;
        });
        Self {
            probe,
            number,
            ended: false,
        }
    }

    fn end(mut self) {
        self.ended = true;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.probe.0.counts.send_modify(|counts| match self.ended {
            true => counts.ended += 1,
            false => counts.cut_off += 1,
        });
    }
}
