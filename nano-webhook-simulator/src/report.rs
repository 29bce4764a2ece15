use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::attempt::Attempt;

/// The deliveries of a job that has ended. From
/// [`RunningSimulator::trigger`](crate::RunningSimulator::trigger).
#[derive(Debug)]
pub struct Triggered {
    /// Without the deliveries.
    pub(crate) job: JobReport,
    pub(crate) deliveries: Vec<watch::Receiver<DeliveryReport>>,
}

impl Triggered {
    /// The deliveries as they are now.
    pub fn report(&self) -> JobReport {
        let mut report = self.job.clone();
        let deliveries = self.deliveries.iter();
        (report.deliveries).extend(deliveries.map(|report| report.borrow().clone()));
        report
    }

    /// Waits until every delivery has ended, retries included.
    pub async fn finished(&mut self) -> JobReport {
        for delivery in &mut self.deliveries {
            let ended = |report: &DeliveryReport| report.outcome != DeliveryOutcome::Pending;
            // The task of a delivery sets the outcome before it ends.
            let _ = delivery.wait_for(ended).await;
        }
        self.report()
    }
}

/// The deliveries of one job's event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JobReport {
    /// The event.
    pub event: String,
    /// The task.
    pub task_id: String,
    /// One for each active webhook that subscribes to the event.
    pub deliveries: Vec<DeliveryReport>,
}

impl JobReport {
    /// Whether every delivery was acknowledged. Also true without deliveries.
    pub fn is_delivered(&self) -> bool {
        (self.deliveries.iter()).all(|it| it.outcome == DeliveryOutcome::Delivered)
    }
}

/// One event to one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeliveryReport {
    /// Counts the deliveries of this simulator, from 1.
    pub id: u64,
    /// The webhook.
    pub webhook_id: u64,
    /// The URL of the webhook.
    pub url: String,
    /// How it ended, or `Pending`.
    pub outcome: DeliveryOutcome,
    /// Its attempts, in order.
    pub attempts: Vec<Attempt>,
}

/// How a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeliveryOutcome {
    /// It has not ended.
    Pending,
    /// The receiver acknowledged it.
    Delivered,
    /// The last attempt failed, or one failed in a way that no retry can change.
    GivenUp,
    /// The simulator sent nothing.
    Refused,
    /// Its webhook was deleted or deactivated before the next attempt, or the
    /// simulator was shut down.
    Cancelled,
}
