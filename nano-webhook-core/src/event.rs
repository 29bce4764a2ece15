use std::fmt;

use bytes::Bytes;

mod failure;
mod lenient;
mod parse;

pub(crate) use parse::parse;

/// What a delivery says: the typed content of its signed body.
///
/// ```
/// use nano_webhook_core::WebhookEvent;
///
/// fn describe(event: &WebhookEvent) -> String {
///     match event {
///         WebhookEvent::Completed(job) => format!("{} is at {}", job.task_id, job.url),
///         WebhookEvent::Failed(job) => {
///             format!("{} failed: {}", job.task_id, job.reason().unwrap_or("no reason given"))
///         }
///         other => format!("{} is new to us", other.name()),
///     }
/// }
/// # let _ = describe;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WebhookEvent {
    /// `job.completed`: the result is there.
    Completed(JobCompleted),
    /// `job.failed`: there will be no result.
    Failed(JobFailed),
    /// Anything else that was correctly signed. The provider may add events;
    /// answer 2xx, and keep the body if it could matter (D6).
    Unknown(UnknownEvent),
}

impl WebhookEvent {
    /// The `event` field: `job.completed`, `job.failed`, or another name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Completed(_) => "job.completed",
            Self::Failed(_) => "job.failed",
            Self::Unknown(unknown) => &unknown.event,
        }
    }

    /// The `task_id` field. Only an unknown event can be without one.
    #[must_use]
    pub fn task_id(&self) -> Option<&str> {
        match self {
            Self::Completed(job) => Some(&job.task_id),
            Self::Failed(job) => Some(&job.task_id),
            Self::Unknown(unknown) => unknown.task_id.as_deref(),
        }
    }
}

/// The payload of `job.completed`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct JobCompleted {
    /// Which task: what the provider returned when the job was submitted. Never
    /// empty.
    pub task_id: String,
    /// Where the result can be fetched, as sent. Never empty, but not checked to
    /// be a URL: check host and scheme before you fetch it.
    pub url: String,
    /// What the task produced.
    pub task_type: Option<TaskType>,
    /// What the task cost.
    pub credits_charged: Option<Credits>,
    /// The state of the task in the provider's words.
    pub status: Option<JobStatus>,
    /// When the job ended, as sent (`2024-12-23T10:00:00Z`).
    pub timestamp: Option<String>,
}

/// The payload of `job.failed`.
///
/// The provider's page does not show one. Only `event` and `task_id` are
/// required, every other field is given where it can be found, and the whole
/// signed body is there (D7).
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct JobFailed {
    /// Which task. Never empty.
    pub task_id: String,
    /// What the task should have produced.
    pub task_type: Option<TaskType>,
    /// What was charged all the same.
    pub credits_charged: Option<Credits>,
    /// The state of the task in the provider's words.
    pub status: Option<JobStatus>,
    /// When the job ended, as sent.
    pub timestamp: Option<String>,
    /// The signed body.
    pub body: Bytes,
    pub(crate) reason: Option<String>,
    pub(crate) code: Option<String>,
}

impl JobFailed {
    /// Why the job failed, in words.
    ///
    /// The first of `error`, `reason`, `message`, `error_message` and
    /// `failure_reason` that says something, looked for inside `data` and then
    /// beside it. Each may be a text, or an object with a `message`, `reason` or
    /// `error`. If none does, `data` itself where it is a text.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Why the job failed, for a program: the `code` or `type` of the object
    /// that gave the reason, else of the first such object that has one, else
    /// the field `code` or `error_code`, inside `data` or beside it. A whole
    /// number is given as text.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

impl fmt::Debug for JobFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobFailed")
            .field("task_id", &self.task_id)
            .field("task_type", &self.task_type)
            .field("credits_charged", &self.credits_charged)
            .field("status", &self.status)
            .field("timestamp", &self.timestamp)
            .field("reason", &self.reason)
            .field("code", &self.code)
            .field("body_len", &self.body.len())
            .finish()
    }
}

/// A correctly signed event that this version does not know.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct UnknownEvent {
    /// The `event` field. Never empty.
    pub event: String,
    /// The `task_id` field, where it is a text and not empty.
    pub task_id: Option<String>,
    /// The signed body.
    pub body: Bytes,
}

impl fmt::Debug for UnknownEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownEvent")
            .field("event", &self.event)
            .field("task_id", &self.task_id)
            .field("body_len", &self.body.len())
            .finish()
    }
}

/// A text of which some values are documented. The others are kept.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// Any other text, as sent.
            Other(String),
        }

        impl $name {
            /// The text as sent.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<std::borrow::Cow<'_, str>> for $name {
            fn from(text: std::borrow::Cow<'_, str>) -> Self {
                match &*text {
                    $($text => Self::$variant,)+
                    _ => Self::Other(text.into_owned()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

open_enum! {
    /// What a task produces.
    TaskType {
        /// `image`
        Image = "image",
        /// `video`
        Video = "video",
    }
}

open_enum! {
    /// The state of a task in the provider's words.
    JobStatus {
        /// `completed`
        Completed = "completed",
        /// `failed`
        Failed = "failed",
    }
}

/// An amount of credits. The page shows an integer; a fraction is accepted too
/// (D7).
///
/// ```
/// # use nano_webhook_core::{Delivery, MatchedSecret, UnixTime, WebhookEvent};
/// # let body = r#"{"event":"job.completed","task_id":"t","data":{"url":"u","credits_charged":6}}"#;
/// # let delivery = Delivery::assume_verified(body, UnixTime::from_secs(0), MatchedSecret::Current)?;
/// # let WebhookEvent::Completed(job) = delivery.event() else { panic!() };
/// let credits = job.credits_charged.expect("the body has credits_charged");
/// assert_eq!(credits.as_u64(), Some(6));
/// assert_eq!(credits.to_string(), "6");
/// # Ok::<(), nano_webhook_core::WebhookError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Credits(pub(crate) Amount);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Amount {
    Whole(u64),
    Negative(i64),
    Fraction(f64),
}

impl Credits {
    /// The amount, if it is a whole number that is not negative.
    #[must_use]
    pub const fn as_u64(self) -> Option<u64> {
        match self.0 {
            Amount::Whole(amount) => Some(amount),
            Amount::Negative(_) | Amount::Fraction(_) => None,
        }
    }

    /// The amount as a floating-point number; above 2^53 it may be rounded.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "documented")]
    pub const fn as_f64(self) -> f64 {
        match self.0 {
            Amount::Whole(amount) => amount as f64,
            Amount::Negative(amount) => amount as f64,
            Amount::Fraction(amount) => amount,
        }
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Amount::Whole(amount) => amount.fmt(f),
            Amount::Negative(amount) => amount.fmt(f),
            Amount::Fraction(amount) => amount.fmt(f),
        }
    }
}
