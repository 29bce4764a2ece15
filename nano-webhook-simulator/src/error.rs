use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

type BoxError = Box<dyn StdError + Send + Sync>;

/// A call to the simulator that failed.
///
/// [`kind`](Self::kind) says what a program can do about it, `Display` says it to
/// a person. Neither contains a `secret_key` or an API key.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: Cow<'static, str>,
    source: Option<BoxError>,
}

/// Why a call failed. From [`Error::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting, a webhook, a job, a base URL or a key is invalid. The message
    /// names the field.
    Invalid,
    /// No webhook has this id.
    NotFound,
    /// The simulator cannot start: it cannot listen at the address, or TLS
    /// cannot be set up.
    Start,
    /// Too many deliveries are pending.
    Busy,
    /// The simulator is shutting down.
    ShuttingDown,
    /// [`Control`](crate::Control) cannot reach the simulator.
    Unreachable,
    /// The simulator rejected a call of [`Control`](crate::Control).
    #[non_exhaustive]
    Rejected {
        /// The HTTP status.
        status: u16,
    },
    /// The server that [`Control`](crate::Control) called does not answer like a
    /// simulator of this version.
    #[non_exhaustive]
    NotASimulator {
        /// The HTTP status.
        status: u16,
    },
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    pub(crate) fn because(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Why the call failed.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
