use tokio::sync::watch;

use crate::report::{DeliveryOutcome, DeliveryReport, JobReport};

/// The deliveries of a job that has ended. From
/// [`RunningSimulator::trigger`](crate::RunningSimulator::trigger).
#[derive(Debug)]
pub struct Triggered {
    pub(crate) event: &'static str,
    pub(crate) task_id: String,
    pub(crate) deliveries: Vec<watch::Receiver<DeliveryReport>>,
}

impl Triggered {
    /// The event.
    #[must_use]
    pub fn event(&self) -> &str {
        self.event
    }

    /// The task.
    #[must_use]
    pub fn task_id(&self) -> &str {
        &self.task_id
    }

    /// The deliveries as they are now.
    #[must_use]
    pub fn report(&self) -> JobReport {
        let deliveries = self.deliveries.iter();
        JobReport {
            event: self.event.to_owned(),
            task_id: self.task_id.clone(),
            deliveries: deliveries.map(|report| report.borrow().clone()).collect(),
        }
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
