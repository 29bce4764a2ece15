use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One attempt to deliver an event to a webhook: what came of it, and what
/// comes next. No signature and no secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// Counts all attempts of this simulator, from 1.
    pub sequence: u64,
    /// Which delivery it belongs to: one event to one webhook.
    pub delivery_id: u64,
    /// Which webhook it goes to.
    pub webhook_id: u64,
    /// The URL of that webhook.
    pub url: String,
    /// The event.
    pub event: String,
    /// The task whose end it tells.
    pub task_id: String,
    /// Counts the attempts of this delivery, from 1.
    pub attempt: u32,
    /// When it began, in milliseconds since the Unix epoch. The delivery is
    /// signed with this time, in seconds.
    pub started_at_ms: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What came of it.
    pub result: AttemptResult,
    /// What comes next.
    pub next: Next,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttemptResult {
    /// The receiver answered.
    #[non_exhaustive]
    Answered {
        /// The HTTP status.
        status: u16,
        /// The beginning of the body, on one line, if there was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
    },
    /// The receiver did not answer in time.
    TimedOut,
    /// The receiver could not be reached, or broke the connection off.
    ConnectionFailed {
        /// Why, as far as is known.
        problem: String,
    },
    /// Nothing was sent.
    Refused {
        /// Why not.
        reason: Refusal,
    },
}

impl AttemptResult {
    /// Whether the receiver acknowledged the delivery: any status from 200 to
    /// 299.
    #[must_use]
    pub const fn is_acknowledged(&self) -> bool {
        matches!(
            self,
            Self::Answered {
                status: 200..=299,
                ..
            }
        )
    }

    /// What another attempt might change: the network, the time, a status that
    /// asks to come back (408, 425, 429), the receiver's own trouble (5xx).
    pub(crate) const fn is_worth_a_retry(&self) -> bool {
        match self {
            Self::Answered { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::TimedOut | Self::ConnectionFailed { .. } => true,
            Self::Refused { .. } => false,
        }
    }
}

/// One line for a person.
impl fmt::Display for AttemptResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { status, body: None } => write!(f, "{status}"),
            Self::Answered {
                status,
                body: Some(body),
            } => write!(f, "{status} {body}"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::ConnectionFailed { problem } => f.write_str(problem),
            Self::Refused { reason } => write!(f, "not sent: {reason}"),
        }
    }
}

/// Why the simulator does not deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The webhook was created without a `secret_key`. What the provider sends
    /// then is not documented; an unsigned delivery cannot be told from a
    /// forgery, and receivers of this project refuse it.
    NoSecret,
    /// The webhook's host is not, or not only, this machine.
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

/// What comes after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Next {
    /// Nothing: the receiver acknowledged.
    Done,
    /// Another attempt.
    Retry {
        /// After so many milliseconds.
        in_ms: u64,
    },
    /// Nothing: it failed for good.
    GiveUp,
}

/// For a person.
impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Retry { in_ms } => {
                write!(f, "next attempt in {:?}", Duration::from_millis(*in_ms))
            }
            Self::GiveUp => f.write_str("given up"),
        }
    }
}
