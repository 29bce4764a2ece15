use serde::{Deserialize, Serialize};

/// A job whose end the simulator delivers.
///
/// Everything except the outcome has a default. `POST /simulator/jobs` takes it
/// as JSON:
///
/// ```
/// use nano_webhook_simulator::Job;
///
/// let job = Job::completed().task_id("task_1").credits(6);
/// let json = serde_json::to_value(&job)?;
/// assert_eq!(json["outcome"], "completed");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct Job {
    pub(crate) outcome: JobOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) task_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) task_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) credits: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JobOutcome {
    Completed,
    Failed,
}

impl JobOutcome {
    /// The name of the event.
    pub(crate) const fn event(self) -> &'static str {
        match self {
            Self::Completed => "job.completed",
            Self::Failed => "job.failed",
        }
    }
}

impl Job {
    /// A job that ends with a result; the event is `job.completed`.
    pub const fn completed() -> Self {
        Self::ending(JobOutcome::Completed)
    }

    /// A job that ends without a result; the event is `job.failed`.
    pub const fn failed() -> Self {
        Self::ending(JobOutcome::Failed)
    }

    const fn ending(outcome: JobOutcome) -> Self {
        Self {
            outcome,
            task_type: None,
            task_id: None,
            url: None,
            credits: None,
            reason: None,
        }
    }

    /// What the job produces. Default: `image`.
    pub fn task_type(mut self, task_type: impl Into<String>) -> Self {
        self.task_type = Some(task_type.into());
        self
    }

    /// The id of the task. Default: `task_` and 16 random hex digits. A task may
    /// end several times, as with a provider that repeats itself.
    pub fn task_id(mut self, task_id: impl Into<String>) -> Self {
        self.task_id = Some(task_id.into());
        self
    }

    /// The URL of the result; completed jobs only. Default: a file named after
    /// the task on `cdn.example.com`. The simulator does not fetch it.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// The credits charged: 0, or from 0.00001 to 10¹⁵. Default: 6 for a completed
    /// job, 0 for a failed one.
    pub fn credits(mut self, credits: impl Into<f64>) -> Self {
        self.credits = Some(credits.into());
        self
    }

    /// The reason of the failure; failed jobs only. Default: `the simulated job failed`.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}
