use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use nano_webhook_core::UnixTime;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::attempt::{Attempt, AttemptResult, Next, Refusal};
use crate::backoff::Backoff;
use crate::error::TriggerError;
use crate::history::History;
use crate::job::Job;
use crate::payload::payload;
use crate::registry::{Record, Registry};
use crate::report::{DeliveryOutcome, DeliveryReport};
use crate::running::Triggered;

mod send;

pub(crate) use send::Sender;

/// Deliveries that may wait at the same time.
pub(crate) const MOST_PENDING: usize = 10_000;

pub(crate) type Clock = Arc<dyn Fn() -> UnixTime + Send + Sync>;

/// Turns the end of a job into deliveries, and sees each one through.
pub(crate) struct Dispatcher {
    pub(crate) registry: Arc<Registry>,
    pub(crate) history: Arc<History>,
    pub(crate) sender: Sender,
    pub(crate) backoff: Backoff,
    pub(crate) clock: Clock,
    /// One for each attempt that may run at the same time.
    pub(crate) slots: Semaphore,
    /// One for each delivery that may wait.
    pub(crate) pending: Arc<Semaphore>,
    pub(crate) tasks: TaskTracker,
    /// No attempt begins any more.
    pub(crate) stop: CancellationToken,
    /// What still runs is cut off.
    pub(crate) abort: CancellationToken,
    pub(crate) last_id: AtomicU64,
}

/// What each attempt of a delivery sends.
struct Message {
    event: &'static str,
    task_id: String,
    body: Bytes,
}

impl Dispatcher {
    pub(crate) async fn trigger(self: &Arc<Self>, job: Job) -> Result<Triggered, TriggerError> {
        let job = job.resolve()?;
        let event = job.outcome.event();
        let body = payload(&job, (self.clock)()).unwrap_or_default();
        let message = Arc::new(Message {
            event,
            task_id: job.task_id,
            body,
        });
        let subscribers = self.registry.subscribers(event).await;
        let count = u32::try_from(subscribers.len()).unwrap_or(u32::MAX);
        let Ok(mut places) = Arc::clone(&self.pending).try_acquire_many_owned(count) else {
            return Err(TriggerError::Busy);
        };
        if self.stop.is_cancelled() {
            return Err(TriggerError::ShuttingDown);
        }
        let mut deliveries = Vec::with_capacity(subscribers.len());
        for webhook in subscribers {
            let place = places.split(1);
            let delivery = Delivery::new(self.next_id(), webhook, Arc::clone(&message));
            deliveries.push(delivery.report.subscribe());
            let dispatcher = Arc::clone(self);
            self.tasks.spawn(async move {
                dispatcher.see_through(delivery).await;
                drop(place);
            });
        }
        Ok(Triggered::new(event, message.task_id.clone(), deliveries))
    }

    fn next_id(&self) -> u64 {
        self.last_id
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1)
    }

    async fn see_through(&self, delivery: Delivery) {
        let outcome = tokio::select! {
            outcome = self.attempts(&delivery) => outcome,
            () = self.abort.cancelled() => DeliveryOutcome::Cancelled,
        };
        tracing::debug!(
            delivery_id = delivery.id,
            webhook_id = delivery.webhook.id,
            task_id = delivery.message.task_id,
            ?outcome,
            "a delivery has ended"
        );
        delivery
            .report
            .send_modify(|report| report.outcome = outcome);
    }

    async fn attempts(&self, delivery: &Delivery) -> DeliveryOutcome {
        let mut attempt = 1;
        loop {
            let next = tokio::select! {
                biased;
                () = self.stop.cancelled() => return DeliveryOutcome::Cancelled,
                slot = self.slots.acquire() => {
                    if attempt > 1 && !self.registry.is_active(delivery.webhook.id).await {
                        return DeliveryOutcome::Cancelled;
                    }
                    let next = self.attempt(delivery, attempt).await;
                    drop(slot);
                    next
                }
            };
            let delay = match next {
                Ok(delay) => delay,
                Err(outcome) => return outcome,
            };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return DeliveryOutcome::Cancelled,
                () = tokio::time::sleep(delay) => attempt = attempt.saturating_add(1),
            }
        }
    }

    /// The wait before the next attempt, or how the delivery ended.
    async fn attempt(
        &self,
        delivery: &Delivery,
        attempt: u32,
    ) -> Result<Duration, DeliveryOutcome> {
        let started_at = (self.clock)();
        let started = Instant::now();
        let (result, retry_after) = match &delivery.webhook.secret {
            Some(secret) => {
                let message = &delivery.message;
                let sent =
                    self.sender
                        .send(&delivery.webhook.url, secret, started_at, &message.body);
                sent.await
            }
            None => (
                AttemptResult::Refused {
                    reason: Refusal::NoSecret,
                },
                None,
            ),
        };
        let (next, step) = self.judge(&result, attempt, retry_after);
        let entry = self.history.push(Attempt {
            sequence: 0,
            delivery_id: delivery.id,
            webhook_id: delivery.webhook.id,
            url: delivery.webhook.url.clone(),
            event: delivery.message.event.to_owned(),
            task_id: delivery.message.task_id.clone(),
            attempt,
            started_at_ms: started_at.as_millis(),
            duration_ms: millis(started.elapsed()),
            result,
            next,
        });
        delivery
            .report
            .send_modify(|report| report.attempts.push(entry));
        step
    }

    fn judge(
        &self,
        result: &AttemptResult,
        attempt: u32,
        retry_after: Option<Duration>,
    ) -> (Next, Result<Duration, DeliveryOutcome>) {
        if result.is_acknowledged() {
            return (Next::Done, Err(DeliveryOutcome::Delivered));
        }
        if matches!(result, AttemptResult::Refused { .. }) {
            return (Next::GiveUp, Err(DeliveryOutcome::Refused));
        }
        let delay = if result.is_worth_a_retry() {
            self.backoff.delay(attempt, retry_after, fastrand::f64())
        } else {
            None
        };
        match delay {
            Some(delay) => (
                Next::Retry {
                    in_ms: millis(delay),
                },
                Ok(delay),
            ),
            None => (Next::GiveUp, Err(DeliveryOutcome::GivenUp)),
        }
    }
}

/// One event on its way to one webhook.
struct Delivery {
    id: u64,
    webhook: Record,
    message: Arc<Message>,
    report: watch::Sender<DeliveryReport>,
}

impl Delivery {
    fn new(id: u64, webhook: Record, message: Arc<Message>) -> Self {
        let report = watch::Sender::new(DeliveryReport {
            id,
            webhook_id: webhook.id,
            url: webhook.url.clone(),
            outcome: DeliveryOutcome::Pending,
            attempts: Vec::new(),
        });
        Self {
            id,
            webhook,
            message,
            report,
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
