use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{ErrorKind, InvalidEvent, MismatchClues};
use crate::header_field::HeaderField;

/// Why a request was rejected.
///
/// [`kind`](Self::kind) is for a `match`, [`code`](Self::code) for logs and
/// metrics. The [`Display`](fmt::Display) text is for the operator: it says what
/// was seen and what to do. The sender gets the fixed text of
/// [`answer`](crate::adapter::Answer). Neither contains a secret or a MAC. A
/// clone shares its content.
#[derive(Clone)]
pub struct WebhookError(Failure);

pub(crate) type Cause = Arc<dyn Error + Send + Sync>;

/// What went wrong, with what an operator needs to know.
#[derive(Clone)]
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
    Timeout(Duration),
    Incomplete(Cause),
    Mismatch(MismatchClues),
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
        source: Cause,
    },
    #[cfg_attr(not(feature = "dedupe"), expect(dead_code))]
    Parked {
        retry_after: Duration,
    },
    RetryLater {
        after: Duration,
        source: Option<Cause>,
    },
    HandlerFailed(Option<Cause>),
    /// What to add, and where.
    NotConfigured(&'static str),
}

impl From<Failure> for WebhookError {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl WebhookError {
    /// For a handler that cannot handle the delivery yet: its claim is released,
    /// and the sender is answered 503 with this `Retry-After`.
    #[must_use]
    pub fn retry_later(after: Duration) -> Self {
        Failure::RetryLater {
            after,
            source: None,
        }
        .into()
    }

    /// Gives a [`retry_later`](Self::retry_later) or a
    /// [`handler_failed`](Self::handler_failed) its cause. It is logged and becomes the
    /// error's source, so its text must not contain a secret. The sender never sees it.
    /// Errors of other kinds have a cause of their own, and keep it.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        if let Failure::RetryLater { source, .. } | Failure::HandlerFailed(source) = &mut self.0 {
            *source = Some(Arc::from(cause.into()));
        }
        self
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
        match &self.0 {
            Failure::InProgress { retry_after }
            | Failure::Store { retry_after, .. }
            | Failure::Parked { retry_after }
            | Failure::RetryLater {
                after: retry_after, ..
            } => Some(*retry_after),
            _ => None,
        }
    }

    /// The signed body of an [`ErrorKind::InvalidEvent`]: keep it, since the
    /// provider may not send it again.
    #[must_use]
    pub fn signed_body(&self) -> Option<&Bytes> {
        match &self.0 {
            Failure::InvalidEvent { body, .. } => Some(body),
            _ => None,
        }
    }

    pub(crate) fn failure(&self) -> &Failure {
        &self.0
    }
}

/// The code and the text, without the signed body of an invalid event.
impl fmt::Debug for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookError")
            .field("code", &self.code())
            .field("message", &format_args!("{self}"))
            .field("source", &self.source().map(ToString::to_string))
            .finish()
    }
}

impl Error for WebhookError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Failure::Incomplete(source) | Failure::Store { source, .. } => Some(source.as_ref()),
            Failure::InvalidEvent { source, .. } => Some(source),
            Failure::RetryLater { source, .. } | Failure::HandlerFailed(source) => {
                Some(source.as_ref()?.as_ref())
            }
            _ => None,
        }
    }
}
