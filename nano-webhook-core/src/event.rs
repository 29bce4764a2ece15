use std::borrow::Cow;
use std::fmt;

mod credits;
mod document;
mod failure;
mod fields;
mod parse;
#[cfg(feature = "test-util")]
mod testing;

pub use credits::Credits;
pub(crate) use parse::parse;

/// The typed content of a delivery's signed body.
///
/// A field that is not required and cannot be read (it has another type, or a
/// text was cut within an emoji) is `None`, and one warning in the log names it.
/// Unknown fields are ignored.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WebhookEvent {
    /// `job.completed`: the result is ready.
    Completed(JobCompleted),
    /// `job.failed`: there will be no result.
    Failed(JobFailed),
    /// An event that this version does not know. The provider may add events:
    /// answer 2xx, and keep [`Delivery::body`](crate::Delivery::body) if it could
    /// matter.
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
    /// The task that the provider returned when the job was submitted. Never
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
/// required; everything else is given where it can be found.
/// [`Delivery::body`](crate::Delivery::body) has the whole signed body.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct JobFailed {
    /// The task. Never empty.
    pub task_id: String,
    /// What the task should have produced.
    pub task_type: Option<TaskType>,
    /// What was charged although the job failed.
    pub credits_charged: Option<Credits>,
    /// The state of the task in the provider's words.
    pub status: Option<JobStatus>,
    /// When the job ended, as sent.
    pub timestamp: Option<String>,
    reason: Option<String>,
    code: Option<String>,
}

impl JobFailed {
    /// Why the job failed, in words.
    ///
    /// The first readable text of `error`, `reason`, `message`, `error_message` and
    /// `failure_reason`, inside `data` and then next to it. Each may be a text, or
    /// an object with a `message`, `reason` or `error`. If there is none, `data`
    /// itself if that is a text.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Why the job failed, for a program: the `code` or `type` of the object that
    /// gave the reason, else of the first such object that has one, else the field
    /// `code` or `error_code`, inside `data` or next to it. A whole number is given
    /// as text.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

/// A correctly signed event that this version does not know.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnknownEvent {
    /// The `event` field. Never empty.
    pub event: String,
    /// The `task_id` field, if it is a text and not empty.
    pub task_id: Option<String>,
}

/// A text with documented values, which keeps any other value.
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

        impl From<Cow<'_, str>> for $name {
            fn from(text: Cow<'_, str>) -> Self {
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
