use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::job::InvalidJob;

/// A simulator could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// It cannot listen at this address.
    Listen {
        /// Why not.
        source: io::Error,
    },
    /// The state file cannot be read.
    ReadState {
        /// Its path.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The state file is not one of ours.
    InvalidState {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it. It has secrets in it, so no value is quoted.
        problem: String,
    },
    /// The name of the authentication header is no header name.
    InvalidHeaderName {
        /// The name.
        name: String,
    },
    /// A limit is zero where that would stop everything.
    Zero {
        /// Which setting.
        setting: &'static str,
    },
    /// The HTTP client that delivers cannot be built.
    Http {
        /// What it says.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { .. } => f.write_str("the simulator cannot listen at this address"),
            Self::ReadState { path, .. } => {
                write!(f, "the state file {} cannot be read", path.display())
            }
            Self::InvalidState { path, problem } => {
                write!(f, "the state file {} is invalid: {problem}", path.display())
            }
            Self::InvalidHeaderName { name } => write!(f, "{name:?} is not the name of a header"),
            Self::Zero { setting } => write!(f, "{setting} must not be zero"),
            Self::Http { .. } => f.write_str("the HTTP client cannot be built"),
        }
    }
}

impl StdError for StartError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Listen { source } | Self::ReadState { source, .. } => Some(source),
            Self::Http { source } => Some(&**source),
            _ => None,
        }
    }
}

/// A webhook could not be registered, changed or deleted.
#[derive(Debug)]
#[non_exhaustive]
pub enum RegisterError {
    /// Something about it is wrong. The text names the field and what it should
    /// be; it never quotes the `secret_key`.
    Invalid {
        /// What is wrong.
        problem: String,
    },
    /// There is no webhook with this id.
    NotFound {
        /// The id.
        id: u64,
    },
    /// The state file cannot be written. Nothing was changed.
    WriteState {
        /// Its path.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl RegisterError {
    pub(crate) fn invalid(problem: impl Into<String>) -> Self {
        Self::Invalid {
            problem: problem.into(),
        }
    }
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { problem } => f.write_str(problem),
            Self::NotFound { id } => write!(f, "there is no webhook {id}"),
            Self::WriteState { path, .. } => {
                write!(f, "the state file {} cannot be written", path.display())
            }
        }
    }
}

impl StdError for RegisterError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::WriteState { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// A job's end could not be told.
#[derive(Debug)]
#[non_exhaustive]
pub enum TriggerError {
    /// The job makes no sense.
    InvalidJob(InvalidJob),
    /// Too many deliveries are waiting already.
    Busy,
    /// The simulator is being shut down.
    ShuttingDown,
}

impl fmt::Display for TriggerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidJob(invalid) => invalid.fmt(f),
            Self::Busy => f.write_str("too many deliveries are waiting already"),
            Self::ShuttingDown => f.write_str("the simulator is being shut down"),
        }
    }
}

impl StdError for TriggerError {}

impl From<InvalidJob> for TriggerError {
    fn from(invalid: InvalidJob) -> Self {
        Self::InvalidJob(invalid)
    }
}
