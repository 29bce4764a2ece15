use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nano_webhook_core::UnixTime;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Duration, Instant};

use crate::attempt::{Attempt, AttemptResult, Next, Refusal};
use crate::backoff::Backoff;
use crate::error::{Error, ErrorKind};
use crate::history::History;
use crate::job::Job;
use crate::lifecycle::{Lifecycle, Phase, PhaseWatch};
use crate::payload::Message;
use crate::registry::{Record, Registry};
use crate::report::{DeliveryOutcome, DeliveryReport};
use crate::triggered::Triggered;

mod send;

pub(crate) use send::Sender;

pub(crate) const MAX_PENDING: usize = 10_000;

pub(crate) type Clock = Arc<dyn Fn() -> UnixTime + Send + Sync>;

/// Turns the end of a job into deliveries and runs each of them to its end.
pub(crate) struct Dispatcher {
    pub(crate) registry: Registry,
    pub(crate) history: History,
    pub(crate) sender: Sender,
    pub(crate) backoff: Backoff,
    pub(crate) clock: Clock,
    /// One permit for each attempt that may run.
    pub(crate) slots: Semaphore,
    /// One permit for each delivery that may be pending.
    pub(crate) pending: Arc<Semaphore>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) last_id: AtomicU64,
}

impl Dispatcher {
    pub(crate) fn trigger(self: &Arc<Self>, job: &Job) -> Result<Triggered, Error> {
        let message = Arc::new(Message::new(job, (self.clock)())?);
        let subscribers = self.registry.subscribers(message.event);
        let count = u32::try_from(subscribers.len()).unwrap_or(u32::MAX);
        let Ok(mut places) = Arc::clone(&self.pending).try_acquire_many_owned(count) else {
            let problem = "too many deliveries are pending; retry later";
            return Err(Error::new(ErrorKind::Busy, problem));
        };
        // Taken before the check: a shutdown waits for it.
        let phase = self.lifecycle.subscribe();
        if phase.has_reached(Phase::Stopping) {
            let problem = "the simulator is shutting down";
            return Err(Error::new(ErrorKind::ShuttingDown, problem));
        }
        let mut deliveries = Vec::with_capacity(subscribers.len());
        for subscriber in subscribers {
            let place = places.split(1);
            let id = self.last_id.fetch_add(1, Ordering::Relaxed);
            let delivery = Delivery::new(id.saturating_add(1), subscriber, Arc::clone(&message));
            deliveries.push(delivery.report.subscribe());
            let (dispatcher, phase) = (Arc::clone(self), phase.clone());
            tokio::spawn(async move {
                dispatcher.run(&delivery, phase).await;
                drop(place);
            });
        }
        Ok(Triggered {
            event: message.event,
            task_id: message.task_id.clone(),
            deliveries,
        })
    }

    async fn run(&self, delivery: &Delivery, mut phase: PhaseWatch) {
        let outcome = tokio::select! {
            outcome = self.attempts(delivery, phase.clone()) => outcome,
            () = phase.reached(Phase::Aborted) => DeliveryOutcome::Cancelled,
        };
        let (webhook_id, task_id) = (delivery.to.webhook.id, &delivery.message.task_id);
        tracing::debug!(delivery.id, webhook_id, task_id, ?outcome, "delivery ended");
        (delivery.report).send_modify(|report| report.outcome = outcome);
    }

    async fn attempts(&self, delivery: &Delivery, mut phase: PhaseWatch) -> DeliveryOutcome {
        let mut number = 1;
        loop {
            let slot = tokio::select! {
                biased;
                () = phase.reached(Phase::Stopping) => return DeliveryOutcome::Cancelled,
                slot = self.slots.acquire() => slot,
            };
            if number > 1 && !self.registry.is_active(delivery.to.webhook.id) {
                return DeliveryOutcome::Cancelled;
            }
            let attempt = self.attempt(delivery, number).await;
            drop(slot);
            let wait = match (attempt.next, attempt.result) {
                (Next::Retry { in_ms }, _) => Duration::from_millis(in_ms),
                (Next::Done, _) => return DeliveryOutcome::Delivered,
                (_, AttemptResult::Refused { .. }) => return DeliveryOutcome::Refused,
                _ => return DeliveryOutcome::GivenUp,
            };
            tokio::select! {
                biased;
                () = phase.reached(Phase::Stopping) => return DeliveryOutcome::Cancelled,
                () = tokio::time::sleep(wait) => number = number.saturating_add(1),
            }
        }
    }

    async fn attempt(&self, delivery: &Delivery, number: u32) -> Attempt {
        let Delivery { to, message, .. } = delivery;
        let started_at = (self.clock)();
        let started = Instant::now();
        let (result, retry_after) = match &to.secret {
            Some(secret) => {
                let sending = self
                    .sender
                    .send(&to.webhook.url, secret, started_at, &message.body);
                sending.await
            }
            None => {
                let reason = Refusal::NoSecret;
                (AttemptResult::Refused { reason }, None)
            }
        };
        let attempt = self.history.push(Attempt {
            sequence: 0,
            delivery_id: delivery.id,
            webhook_id: to.webhook.id,
            url: to.webhook.url.clone(),
            event: message.event.to_owned(),
            task_id: message.task_id.clone(),
            attempt: number,
            started_at_ms: started_at.as_millis(),
            duration_ms: millis(started.elapsed()),
            next: self.next(&result, number, retry_after),
            result,
        });
        (delivery.report).send_modify(|report| report.attempts.push(attempt.clone()));
        attempt
    }

    fn next(&self, result: &AttemptResult, number: u32, retry_after: Option<Duration>) -> Next {
        if result.is_acknowledged() {
            return Next::Done;
        }
        let wait = (result.is_retryable())
            .then(|| self.backoff.delay(number, retry_after, fastrand::f64()))
            .flatten();
        wait.map_or(Next::GiveUp, |wait| Next::Retry {
            in_ms: millis(wait),
        })
    }
}

/// One event on its way to one webhook.
struct Delivery {
    id: u64,
    to: Record,
    message: Arc<Message>,
    report: watch::Sender<DeliveryReport>,
}

impl Delivery {
    fn new(id: u64, to: Record, message: Arc<Message>) -> Self {
        let report = watch::Sender::new(DeliveryReport {
            id,
            webhook_id: to.webhook.id,
            url: to.webhook.url.clone(),
            outcome: DeliveryOutcome::Pending,
            attempts: Vec::new(),
        });
        Self {
            id,
            to,
            message,
            report,
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
