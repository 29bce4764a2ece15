use crate::open_enum::open_enum;

open_enum! {
    /// An event that a webhook can subscribe to.
    ///
    /// ```
    /// use nano_webhook_client::EventType;
    ///
    /// assert_eq!(EventType::from("job.failed"), EventType::JobFailed);
    /// assert_eq!(EventType::from("job.queued").as_str(), "job.queued");
    /// ```
    EventType {
        /// `job.completed`: a task completed successfully.
        JobCompleted = "job.completed",
        /// `job.failed`: a task failed.
        JobFailed = "job.failed",
    }
}

impl EventType {
    /// Every event that the provider's page documents.
    pub const DOCUMENTED: [Self; 2] = [Self::JobCompleted, Self::JobFailed];
}
