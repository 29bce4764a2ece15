use std::fmt;

use serde::{Deserialize, Serialize};

/// One attempt to deliver an event to a webhook. Contains no signature and no
/// secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// Counts all attempts of this simulator, from 1.
    pub sequence: u64,
    /// The delivery it belongs to: one event to one webhook.
    pub delivery_id: u64,
    /// The webhook.
    pub webhook_id: u64,
    /// The URL of the webhook.
    pub url: String,
    /// The event.
    pub event: String,
    /// The task.
    pub task_id: String,
    /// Counts the attempts of this delivery, from 1.
    pub attempt: u32,
    /// When it started, in milliseconds since the Unix epoch. The delivery is
    /// signed with this time, in seconds.
    pub started_at_ms: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// How it ended.
    pub result: AttemptResult,
    /// What follows.
    pub next: Next,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttemptResult {
    /// The receiver answered.
    #[non_exhaustive]
    Answered {
        /// The HTTP status.
        status: u16,
        /// The first 300 characters of the body on one line, unless it is empty.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
    },
    /// The receiver did not answer in time.
    TimedOut,
    /// The receiver could not be reached, or the connection closed early.
    ConnectionFailed {
        /// The cause, if known.
        problem: String,
    },
    /// The simulator sent nothing.
    Refused {
        /// The reason.
        reason: Refusal,
    },
}

impl AttemptResult {
    /// Whether the receiver acknowledged the delivery: any status from 200 to
    /// 299.
    pub const fn is_acknowledged(&self) -> bool {
        matches!(self, Self::Answered { status, .. } if matches!(status, 200..=299))
    }

    /// Whether another attempt may end differently.
    pub(crate) const fn is_retryable(&self) -> bool {
        match self {
            Self::Answered { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::TimedOut | Self::ConnectionFailed { .. } => true,
            Self::Refused { .. } => false,
        }
    }
}

impl fmt::Display for AttemptResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { status, body } => match body {
                Some(body) => write!(f, "{status} {body}"),
                None => write!(f, "{status}"),
            },
            Self::TimedOut => f.write_str("no answer in time"),
            Self::ConnectionFailed { problem } => f.write_str(problem),
            Self::Refused { reason } => write!(f, "not sent: {reason}"),
        }
    }
}

/// Why the simulator sends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The webhook has no `secret_key`. What the provider sends then is
    /// undocumented, and receivers of this project reject unsigned deliveries.
    NoSecret,
    /// The host of the webhook has an address that is not this machine's.
    NotLoopback,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSecret => "the webhook was created without a secret_key",
            Self::NotLoopback => {
                "the webhook is not on this machine, and this simulator delivers nowhere else"
            }
        })
    }
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Next {
    /// Nothing: the receiver acknowledged the delivery.
    Done,
    /// Another attempt.
    Retry {
        /// The wait before it, in milliseconds.
        in_ms: u64,
    },
    /// Nothing: the delivery failed.
    GiveUp,
}
