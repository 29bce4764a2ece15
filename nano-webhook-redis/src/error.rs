use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Why the store could not connect or could not answer.
///
/// It has no [`source`](Error::source), and its texts contain no password: the
/// errors of the redis crate can quote one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RedisStoreError {
    /// No connection to the server could be made.
    Unreachable {
        /// Host and port.
        address: String,
        /// Why the attempt failed.
        reason: String,
    },
    /// The server did not answer in time. The call may have taken effect.
    Timeout {
        /// Time since the call began.
        after: Duration,
    },
    /// The server refused the call, the connection broke, or the reply was not one
    /// of the store's script.
    Failed {
        /// The reported error.
        reason: String,
    },
}

impl RedisStoreError {
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self::Failed { reason }
    }
}

impl fmt::Display for RedisStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { address, reason } => {
                write!(f, "no connection to redis at {address}: {reason}")
            }
            Self::Timeout { after } => write!(f, "redis did not answer within {after:?}"),
            Self::Failed { reason } => write!(f, "redis: {reason}"),
        }
    }
}

impl Error for RedisStoreError {}
