use serde::{Deserialize, Serialize};

use crate::attempt::Attempt;

/// What became of a job's event.
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
    /// Whether every delivery was acknowledged. True also if there was none.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.deliveries
            .iter()
            .all(|delivery| delivery.outcome == DeliveryOutcome::Delivered)
    }
}

/// One event to one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeliveryReport {
    /// Counts the deliveries of this simulator, from 1.
    pub id: u64,
    /// Which webhook it goes to.
    pub webhook_id: u64,
    /// The URL of that webhook.
    pub url: String,
    /// How it ended, if it has.
    pub outcome: DeliveryOutcome,
    /// What was tried, in order.
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
    /// The last attempt failed, or one failed in a way that no other would
    /// change.
    GivenUp,
    /// Nothing was sent.
    Refused,
    /// Before it could be repeated, its webhook was deleted or deactivated, or
    /// the simulator was shut down.
    Cancelled,
}
