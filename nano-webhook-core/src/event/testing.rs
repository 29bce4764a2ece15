//! Events for tests of handlers.

use super::{JobCompleted, JobFailed, UnknownEvent, WebhookEvent};

impl WebhookEvent {
    /// A `job.completed` event, for tests of handlers.
    ///
    /// ```
    /// use nano_webhook_core::{Credits, JobCompleted, WebhookEvent};
    ///
    /// let event = WebhookEvent::completed("task_1", "https://cdn.example.com/1.png");
    /// assert_eq!(event.task_id(), Some("task_1"));
    ///
    /// // With optional fields:
    /// let mut job = JobCompleted::new("task_1", "https://cdn.example.com/1.png");
    /// job.credits_charged = Some(Credits::from(6));
    /// let event = WebhookEvent::Completed(job);
    /// # let _ = event;
    /// ```
    #[must_use]
    pub fn completed(task_id: impl Into<String>, url: impl Into<String>) -> Self {
        Self::Completed(JobCompleted::new(task_id, url))
    }

    /// A `job.failed` event, for tests of handlers.
    #[must_use]
    pub fn failed(task_id: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Failed(JobFailed::new(task_id, reason))
    }

    /// An event that this version does not know, for tests of handlers.
    #[must_use]
    pub fn unknown(event: impl Into<String>, task_id: impl Into<String>) -> Self {
        Self::Unknown(UnknownEvent {
            event: event.into(),
            task_id: Some(task_id.into()),
        })
    }
}

impl JobCompleted {
    /// A completed job without the optional fields, for tests of handlers.
    #[must_use]
    pub fn new(task_id: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            task_id: task_id.into(),
            url: url.into(),
            task_type: None,
            credits_charged: None,
            status: None,
            timestamp: None,
        }
    }
}

impl JobFailed {
    /// A failed job with a reason and without the optional fields, for tests of
    /// handlers.
    #[must_use]
    pub fn new(task_id: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            task_id: task_id.into(),
            task_type: None,
            credits_charged: None,
            status: None,
            timestamp: None,
            reason: Some(reason.into()),
            code: None,
        }
    }

    /// Sets the [`code`](Self::code).
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}
