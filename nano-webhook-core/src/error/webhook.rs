use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{ErrorKind, InvalidEvent, MismatchClues};
use crate::head::HeaderField;

/// Why a request was rejected.
///
/// [`kind`](Self::kind) is for a `match`, [`code`](Self::code) for logs and
/// metrics. The [`Display`](fmt::Display) text is for the operator: it says what
/// was seen and what to do. The sender gets the fixed text of
/// [`answer`](crate::adapter::Answer). Neither contains a secret or a MAC. A
/// clone shares its content.
#[derive(Clone)]
pub struct WebhookError(Arc<Failure>);

/// What went wrong, with what an operator needs to know.
pub(crate) enum Failure {
    Method,
    Missing(HeaderField),
    Duplicate(HeaderField),
    Malformed(HeaderField, &'static str),
    Stale {
        age: Duration,
        tolerance: Duration,
    },
    Ahead {
        lead: Duration,
        tolerance: Duration,
    },
    Encoded,
    TooLarge {
        /// Unknown where a layer outside has set it.
        limit: Option<usize>,
        /// The `Content-Length`, if that was rejected.
        announced: Option<u64>,
    },
    Timeout {
        after: Duration,
    },
    Incomplete {
        source: Arc<dyn Error + Send + Sync>,
    },
    Mismatch {
        clues: MismatchClues,
    },
    InvalidEvent {
        source: InvalidEvent,
        body: Bytes,
    },
    #[cfg_attr(not(feature = "dedupe"), expect(dead_code))]
    InProgress {
        retry_after: Duration,
    },
    #[cfg_attr(not(feature = "dedupe"), expect(dead_code))]
    Store {
        retry_after: Duration,
        source: Arc<dyn Error + Send + Sync>,
    },
    #[cfg_attr(not(feature = "dedupe"), expect(dead_code))]
    Parked {
        retry_after: Duration,
    },
    RetryLater {
        after: Duration,
    },
    HandlerFailed,
    NotConfigured {
        remedy: &'static str,
    },
}

impl From<Failure> for WebhookError {
    fn from(failure: Failure) -> Self {
        Self(Arc::new(failure))
    }
}

impl WebhookError {
    /// For a handler that cannot handle the delivery yet: its claim is released,
    /// and the sender is answered 503 with this `Retry-After`.
    #[must_use]
    pub fn retry_later(after: Duration) -> Self {
        Failure::RetryLater { after }.into()
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.row().kind
    }

    /// The stable code: in the problem document, in logs, in metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.row().code
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.row().status
    }

    /// When the sender should try again, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match &*self.0 {
            Failure::InProgress { retry_after }
            | Failure::Store { retry_after, .. }
            | Failure::Parked { retry_after }
            | Failure::RetryLater { after: retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// The signed body of an [`ErrorKind::InvalidEvent`]: keep it, since the
    /// provider may not send it again.
    #[must_use]
    pub fn signed_body(&self) -> Option<&Bytes> {
        match &*self.0 {
            Failure::InvalidEvent { body, .. } => Some(body),
            _ => None,
        }
    }

    pub(crate) fn failure(&self) -> &Failure {
        &self.0
    }
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Failure::Method => f.write_str("the method is not POST"),
            Failure::Missing(header) => write!(
                f,
                "the {header} header is missing; the sender is not the provider, or a proxy drops it"
            ),
            Failure::Duplicate(header) => write!(
                f,
                "the {header} header is repeated; look for a proxy that adds it again"
            ),
            Failure::Malformed(header, reason) => {
                write!(f, "the {header} header is malformed: {reason}")
            }
            Failure::Stale { age, tolerance } => write!(
                f,
                "the timestamp is {} s old, {} s are allowed; check this machine's clock, or it is a replay",
                Seconds(*age),
                Seconds(*tolerance)
            ),
            Failure::Ahead { lead, tolerance } => write!(
                f,
                "the timestamp is {} s ahead of this machine's clock, {} s are allowed; check the clock",
                Seconds(*lead),
                Seconds(*tolerance)
            ),
            Failure::Encoded => f.write_str(
                "the body has a Content-Encoding, so its bytes are not the signed ones; look for a proxy that compresses requests",
            ),
            Failure::TooLarge { limit, announced } => {
                match announced {
                    Some(length) => write!(f, "Content-Length announces {length} bytes")?,
                    None => f.write_str("the body is too large")?,
                }
                match limit {
                    Some(limit) => write!(f, ", {limit} are allowed")?,
                    None => f.write_str(", a layer outside the verification allows less")?,
                }
                f.write_str("; raise the body limit if the provider sends such bodies")
            }
            Failure::Timeout { after } => {
                write!(f, "the body did not arrive within {} s", Seconds(*after))
            }
            Failure::Incomplete { .. } => {
                f.write_str("the connection closed before the body was complete")
            }
            Failure::Mismatch { clues } => write!(f, "the signature matches no secret; {clues}"),
            Failure::InvalidEvent { source, body } => write!(
                f,
                "correctly signed, but not an event that can be handled: {source} ({} bytes)",
                body.len()
            ),
            Failure::InProgress { retry_after } => write!(
                f,
                "another request is processing the same delivery; its lease ends in {} s",
                Seconds(*retry_after)
            ),
            Failure::Store { .. } => {
                f.write_str("the deduplication store is unavailable, so the delivery was not handled")
            }
            Failure::Parked { .. } => f.write_str(
                "an earlier attempt ended without an outcome, so the delivery is parked; release it with Dedupe::release_parked",
            ),
            Failure::RetryLater { after } => write!(
                f,
                "the handler asked for the delivery to be sent again in {} s",
                Seconds(*after)
            ),
            Failure::HandlerFailed => {
                f.write_str("the handler panicked, or its task was cancelled")
            }
            Failure::NotConfigured { remedy } => f.write_str(remedy),
        }
    }
}

/// The code and the text, without the signed body of an invalid event.
impl fmt::Debug for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("WebhookError");
        debug
            .field("code", &self.code())
            .field("message", &format_args!("{self}"));
        if let Some(source) = self.source() {
            debug.field("source", &format_args!("{source}"));
        }
        debug.finish()
    }
}

impl Error for WebhookError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &*self.0 {
            Failure::Incomplete { source } | Failure::Store { source, .. } => Some(source.as_ref()),
            Failure::InvalidEvent { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// A duration in seconds, with milliseconds where it has any.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.subsec_millis() {
            0 => write!(f, "{}", self.0.as_secs()),
            fraction => write!(f, "{}.{fraction:03}", self.0.as_secs()),
        }
    }
}
