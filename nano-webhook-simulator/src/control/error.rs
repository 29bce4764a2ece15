use std::error::Error as StdError;
use std::fmt;

/// A simulator in another process could not be driven.
#[derive(Debug)]
#[non_exhaustive]
pub enum ControlError {
    /// The base URL is none, or has a user name or a password in it.
    InvalidBaseUrl,
    /// No header can carry this key, or its name is no header name.
    InvalidKey,
    /// The simulator could not be reached.
    Http {
        /// What the HTTP client says.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The simulator said no.
    Refused {
        /// The HTTP status.
        status: u16,
        /// Its words.
        message: String,
    },
    /// What answers there does not answer as a simulator of this version does.
    NotASimulator {
        /// The HTTP status.
        status: u16,
    },
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidBaseUrl => f.write_str(
                "the base URL of the simulator must be http or https, without user name and password",
            ),
            Self::InvalidKey => f.write_str("the key or its header's name cannot be sent"),
            Self::Http { .. } => f.write_str("the simulator cannot be reached"),
            Self::Refused { status, message } => {
                write!(
                    f,
                    "the simulator refused it with status {status}: {message}"
                )
            }
            Self::NotASimulator { status } => write!(
                f,
                "what answered (status {status}) is not a simulator of this version"
            ),
        }
    }
}

impl StdError for ControlError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Http { source } => Some(&**source),
            _ => None,
        }
    }
}

impl From<reqwest::Error> for ControlError {
    fn from(error: reqwest::Error) -> Self {
        Self::Http {
            source: Box::new(error.without_url()),
        }
    }
}
