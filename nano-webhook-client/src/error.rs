use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::operation::Operation;
use crate::webhook::Webhook;

/// A call that did not succeed: what was to be done, how often it was tried, and
/// what happened the last time.
///
/// Neither the key nor a secret is in it, also where the provider's answer
/// repeats them: they are replaced by `[redacted]`, in plain, JSON-escaped and
/// HTML-escaped form.
pub struct Error(Box<Inner>);

struct Inner {
    operation: Operation,
    attempts: u32,
    earlier_may_have_taken_effect: bool,
    kind: ErrorKind,
}

impl Error {
    pub(crate) fn new(
        operation: Operation,
        attempts: u32,
        earlier_may_have_taken_effect: bool,
        kind: ErrorKind,
    ) -> Self {
        Self(Box::new(Inner {
            operation,
            attempts,
            earlier_may_have_taken_effect,
            kind,
        }))
    }

    /// What went wrong in the last attempt.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// What was to be done. [`Client::ensure`](crate::Client::ensure) and
    /// [`Client::rotate`](crate::Client::rotate) make several calls; this is
    /// the one that failed.
    #[must_use]
    pub fn operation(&self) -> &Operation {
        &self.0.operation
    }

    /// How many attempts were made.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The HTTP status of the last answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.kind.status()
    }

    /// The provider's own words, if the last answer had any where they were
    /// looked for.
    #[must_use]
    pub fn provider_message(&self) -> Option<&str> {
        match &self.0.kind {
            ErrorKind::Refused { message, .. } => message.as_deref(),
            _ => None,
        }
    }

    /// How long the provider asked to wait (`Retry-After`).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0.kind {
            ErrorKind::Refused { retry_after, .. } => retry_after,
            _ => None,
        }
    }

    /// Whether the provider may have done what it was asked for all the same.
    ///
    /// After a failed [`create`](crate::Client::create) for which this is true,
    /// list the webhooks before you create it again;
    /// [`ensure`](crate::Client::ensure) does that by itself.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.operation.is_change()
            && (self.0.earlier_may_have_taken_effect || self.0.kind.may_have_taken_effect())
    }

    pub(crate) fn earlier_may_have_taken_effect(&self) -> bool {
        self.0.earlier_may_have_taken_effect
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("operation", &self.0.operation)
            .field("attempts", &self.0.attempts)
            .field("may_have_taken_effect", &self.may_have_taken_effect())
            .field("kind", &self.0.kind)
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            operation,
            attempts,
            kind,
            ..
        } = &*self.0;
        write!(f, "could not {operation}: {kind}")?;
        if *attempts > 1 {
            write!(f, " (attempt {attempts})")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            ErrorKind::Unreachable { source } | ErrorKind::Interrupted { source } => {
                Some(&**source)
            }
            _ => None,
        }
    }
}

/// What went wrong in a call. Texts that come from the provider are on one line,
/// without control characters, and cut off after 300 characters.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No connection: the name was not found, nobody listens, the certificate
    /// is not trusted, or it took too long. Nothing was sent.
    Unreachable {
        /// What the HTTP client says.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The connection broke off after something had been sent.
    Interrupted {
        /// What the HTTP client says.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// No complete answer came in time.
    TimedOut {
        /// How long was waited.
        limit: Duration,
    },
    /// The provider said no: an HTTP status outside 200 to 299, or
    /// `"success":false`.
    #[non_exhaustive]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The provider's own words: `message`, `error` as a text, or
        /// `error.message`, in this order.
        message: Option<String>,
        /// The beginning of the body, where there was no such message in it:
        /// an error page of a proxy, for example.
        snippet: Option<String>,
        /// How long to wait before the next try (`Retry-After`, RFC 9110,
        /// section 10.2.3).
        retry_after: Option<Duration>,
    },
    /// The answer was a redirection. None is followed, because the key and the
    /// secret would go along.
    Redirected {
        /// The HTTP status.
        status: u16,
        /// Where to, as sent.
        location: Option<String>,
    },
    /// The answer was not of the documented form.
    Unexpected {
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        problem: String,
        /// The beginning of the body.
        snippet: Option<String>,
    },
    /// The answer was larger than the client takes.
    TooLarge {
        /// The HTTP status.
        status: u16,
        /// The limit in bytes.
        limit: usize,
    },
    /// The provider created a webhook that is not the one that was asked for:
    /// its URL, its events or its status differ. It is left as it is, and
    /// nothing was deleted.
    NotAsRequested {
        /// What it created.
        webhook: Webhook,
    },
}

impl ErrorKind {
    fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. }
            | Self::Redirected { status, .. }
            | Self::Unexpected { status, .. }
            | Self::TooLarge { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// 4xx means that the request was not carried out (RFC 9110, section 15.5);
    /// of the 5xx only the proxy in front may know.
    pub(crate) fn may_have_taken_effect(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Redirected { .. } => false,
            Self::Refused { status, .. } => *status >= 500,
            Self::Interrupted { .. }
            | Self::TimedOut { .. }
            | Self::Unexpected { .. }
            | Self::TooLarge { .. }
            | Self::NotAsRequested { .. } => true,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { .. } => f.write_str("the provider cannot be reached"),
            Self::Interrupted { .. } => f.write_str("the connection to the provider broke off"),
            Self::TimedOut { limit } => write!(f, "no complete answer within {limit:?}"),
            Self::Refused {
                status,
                message,
                snippet,
                ..
            } => {
                write!(f, "the provider refused it with status {status}")?;
                let text = message.as_ref().or(snippet.as_ref());
                text.map_or(Ok(()), |text| write!(f, ": {text}"))
            }
            Self::Redirected { status, location } => {
                write!(f, "the provider redirects (status {status})")?;
                if let Some(location) = location {
                    write!(f, " to {location}")?;
                }
                f.write_str("; redirections are not followed, correct the base URL")
            }
            Self::Unexpected {
                status, problem, ..
            } => write!(
                f,
                "the answer (status {status}) is not of the documented form: {problem}"
            ),
            Self::TooLarge { status, limit } => write!(
                f,
                "the answer (status {status}) is larger than {limit} bytes"
            ),
            Self::NotAsRequested { webhook } => write!(
                f,
                "the provider created webhook {} for {:?} with status {:?}, which is not what was asked for",
                webhook.id,
                webhook.url,
                webhook.status.as_str()
            ),
        }
    }
}
