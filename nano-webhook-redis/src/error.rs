use std::error::Error;
use std::fmt;
use std::time::Duration;

use nano_webhook_core::ConfigError;

/// Why the store could not be built, or could not answer.
///
/// It has no [`source`](Error::source), and its texts are cleaned: the client's
/// own errors can quote a password.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RedisStoreError {
    /// A setting of the builder is wrong.
    Config(ConfigError),
    /// The URL cannot be used.
    Url {
        /// What is wrong with it.
        reason: String,
    },
    /// No connection to the server.
    Unreachable {
        /// Host and port.
        address: String,
        /// What the attempt came to.
        reason: String,
    },
    /// The server did not answer in time. Whether the call had its effect is not
    /// known.
    Timeout {
        /// How long it was waited for.
        after: Duration,
    },
    /// The server refused the call, or the connection broke under it.
    Failed {
        /// What was reported.
        reason: String,
    },
    /// The server answered something that the scripts do not.
    UnexpectedReply,
}

impl fmt::Display for RedisStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Url { reason } => write!(f, "the Redis URL cannot be used: {reason}"),
            Self::Unreachable { address, reason } => {
                write!(f, "no connection to Redis at {address}: {reason}")
            }
            Self::Timeout { after } => write!(f, "Redis did not answer within {after:?}"),
            Self::Failed { reason } => write!(f, "Redis: {reason}"),
            Self::UnexpectedReply => f.write_str(
                "Redis answered something that is not an answer to a claim; is it something else than Redis?",
            ),
        }
    }
}

impl Error for RedisStoreError {}

impl From<ConfigError> for RedisStoreError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}
