use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nano_webhook_core::UnixTime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Duration, Instant};

use crate::attempt::{Attempt, AttemptResult, Next, Refusal};
use crate::backoff::Backoff;
use crate::error::{Error, ErrorKind};
use crate::history::History;
use crate::http::Http;
use crate::job::Job;
use crate::lifecycle::{Phase, reached};
use crate::payload::Message;
use crate::registry::{Record, Registry};
use crate::report::{DeliveryOutcome, DeliveryReport, JobReport, Triggered};

mod send;

use send::send;

pub(crate) const MAX_PENDING: usize = 10_000;

pub(crate) type Clock = Arc<dyn Fn() -> UnixTime + Send + Sync>;

/// Turns the end of a job into deliveries and runs each of them to its end.
pub(crate) struct Dispatcher {
    pub(crate) registry: Registry,
    pub(crate) history: History,
    pub(crate) http: Http,
    pub(crate) timeout: Duration,
    pub(crate) backoff: Backoff,
    pub(crate) clock: Clock,
    /// One permit for each attempt that may run.
    pub(crate) slots: Semaphore,
    /// One permit for each delivery that may be pending.
    pub(crate) pending: Arc<Semaphore>,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) next_id: AtomicU64,
}

/// One event on its way to one webhook.
struct Delivery {
    to: Record,
    message: Arc<Message>,
    report: watch::Sender<DeliveryReport>,
    phase: watch::Receiver<Phase>,
    _place: Option<OwnedSemaphorePermit>,
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
        let phase = self.phase.subscribe();
        if *phase.borrow() >= Phase::Stopping {
            let problem = "the simulator is shutting down";
            return Err(Error::new(ErrorKind::ShuttingDown, problem));
        }
        let mut deliveries = Vec::with_capacity(subscribers.len());
        for to in subscribers {
            let report = watch::Sender::new(DeliveryReport {
                id: self.next_id.fetch_add(1, Ordering::Relaxed),
                webhook_id: to.webhook.id,
                url: to.webhook.url.clone(),
                outcome: DeliveryOutcome::Pending,
                attempts: Vec::new(),
            });
            deliveries.push(report.subscribe());
            let delivery = Delivery {
                to,
                message: Arc::clone(&message),
                report,
                phase: phase.clone(),
                _place: places.split(1),
            };
            tokio::spawn(Arc::clone(self).run(delivery));
        }
        let job = JobReport {
            event: message.event.to_owned(),
            task_id: message.task_id.clone(),
            deliveries: Vec::new(),
        };
        Ok(Triggered { job, deliveries })
    }

    async fn run(self: Arc<Self>, delivery: Delivery) {
        let outcome = tokio::select! {
            outcome = self.attempts(&delivery) => outcome,
            () = reached(delivery.phase.clone(), Phase::Aborted) => DeliveryOutcome::Cancelled,
        };
        let delivery_id = delivery.report.borrow().id;
        let webhook_id = delivery.to.webhook.id;
        let Message { event, task_id, .. } = &*delivery.message;
        tracing::debug!(
            event,
            task_id,
            delivery_id,
            webhook_id,
            ?outcome,
            "delivery ended"
        );
        (delivery.report).send_modify(|report| report.outcome = outcome);
    }

    async fn attempts(&self, delivery: &Delivery) -> DeliveryOutcome {
        let stopping = || reached(delivery.phase.clone(), Phase::Stopping);
        let mut number = 1;
        loop {
            let slot = tokio::select! {
                biased;
                () = stopping() => return DeliveryOutcome::Cancelled,
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
                () = stopping() => return DeliveryOutcome::Cancelled,
                () = tokio::time::sleep(wait) => number = number.saturating_add(1),
            }
        }
    }

    async fn attempt(&self, delivery: &Delivery, number: u32) -> Attempt {
        let Delivery {
            to: Record { webhook, secret },
            message,
            report,
            ..
        } = delivery;
        let started_at = (self.clock)();
        let started = Instant::now();
        let (result, retry_after) = match secret {
            Some(secret) => {
                let sending = send(&self.http, &webhook.url, secret, started_at, &message.body);
                let late = (AttemptResult::TimedOut, None);
                let sent = tokio::time::timeout(self.timeout, sending).await;
                sent.unwrap_or(late)
            }
            None => {
                let reason = Refusal::NoSecret;
                (AttemptResult::Refused { reason }, None)
            }
        };
        let attempt = self.history.push(Attempt {
            sequence: 0,
            delivery_id: report.borrow().id,
            webhook_id: webhook.id,
            url: webhook.url.clone(),
            event: message.event.to_owned(),
            task_id: message.task_id.clone(),
            attempt: number,
            started_at_ms: started_at.as_millis(),
            duration_ms: millis(started.elapsed()),
            next: self.next(&result, number, retry_after),
            result,
        });
        report.send_modify(|report| report.attempts.push(attempt.clone()));
        attempt
    }

    fn next(&self, result: &AttemptResult, number: u32, retry_after: Option<Duration>) -> Next {
        if result.is_acknowledged() {
            return Next::Done;
        }
        let wait = self.backoff.delay(number, retry_after, fastrand::f64());
        match wait.filter(|_| result.is_retryable()) {
            Some(wait) => Next::Retry {
                in_ms: millis(wait),
            },
            None => Next::GiveUp,
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
