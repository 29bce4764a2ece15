use serde::{Deserialize, Serialize};

use crate::error::Error;

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
    outcome: JobOutcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credits: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// How a job ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobOutcome {
    /// With a result; the event is `job.completed`.
    Completed,
    /// Without a result; the event is `job.failed`.
    Failed,
}

impl JobOutcome {
    /// The name of the event.
    #[must_use]
    pub const fn event(self) -> &'static str {
        match self {
            Self::Completed => "job.completed",
            Self::Failed => "job.failed",
        }
    }

    pub(crate) const fn status(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

impl Job {
    /// A job that ends with a result.
    pub const fn completed() -> Self {
        Self::ending(JobOutcome::Completed)
    }

    /// A job that ends without a result.
    pub const fn failed() -> Self {
        Self::ending(JobOutcome::Failed)
    }

    /// A job that ends in this way.
    pub const fn ending(outcome: JobOutcome) -> Self {
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

    /// How it ends.
    #[must_use]
    pub const fn outcome(&self) -> JobOutcome {
        self.outcome
    }

    /// With its defaults filled in.
    pub(crate) fn resolve(self) -> Result<ResolvedJob, Error> {
        for (field, text) in [
            ("task_type", &self.task_type),
            ("task_id", &self.task_id),
            ("url", &self.url),
        ] {
            if text.as_deref() == Some("") {
                return Err(Error::invalid(format!("{field} must not be empty")));
            }
        }
        let misplaced = match self.outcome {
            JobOutcome::Completed => self.reason.as_ref().map(|_| "reason"),
            JobOutcome::Failed => self.url.as_ref().map(|_| "url"),
        };
        if let Some(field) = misplaced {
            let problem = format!("a {} job has no {field}", self.outcome.status());
            return Err(Error::invalid(problem));
        }
        let task_type = self.task_type.unwrap_or_else(|| "image".to_owned());
        let task_id = (self.task_id).unwrap_or_else(|| format!("task_{:016x}", fastrand::u64(..)));
        Ok(ResolvedJob {
            outcome: self.outcome,
            url: self
                .url
                .unwrap_or_else(|| default_url(&task_type, &task_id)),
            reason: (self.reason).unwrap_or_else(|| "the simulated job failed".to_owned()),
            credits: self
                .credits
                .map_or_else(|| Ok(default_credits(self.outcome).into()), number)?,
            task_type,
            task_id,
        })
    }
}

/// A job with all its fields.
pub(crate) struct ResolvedJob {
    pub(crate) outcome: JobOutcome,
    pub(crate) task_type: String,
    pub(crate) task_id: String,
    pub(crate) url: String,
    pub(crate) reason: String,
    pub(crate) credits: serde_json::Number,
}

fn default_url(task_type: &str, task_id: &str) -> String {
    let extension = if task_type == "video" { "mp4" } else { "png" };
    format!("https://cdn.example.com/{task_id}.{extension}")
}

const fn default_credits(outcome: JobOutcome) -> u64 {
    match outcome {
        JobOutcome::Completed => 6,
        JobOutcome::Failed => 0,
    }
}

/// Within these bounds a number is written without an exponent, as ECMAScript
/// writes it.
fn number(credits: f64) -> Result<serde_json::Number, Error> {
    let out_of_range = || Error::invalid("credits must be 0, or from 0.00001 to 10^15");
    if credits != 0.0 && !(1e-5..=1e15).contains(&credits) {
        return Err(out_of_range());
    }
    if credits.fract() == 0.0 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, and between 0 and 10^15"
        )]
        return Ok((credits as u64).into());
    }
    serde_json::Number::from_f64(credits).ok_or_else(out_of_range)
}
