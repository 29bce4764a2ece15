use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Why the store could not be made, or could not answer.
///
/// It has no [`source`](Error::source), and its texts contain no password: the
/// errors of the redis crate can quote one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RedisStoreError {
    /// The response timeout is zero.
    ZeroTimeout,
    /// No connection to the server could be made.
    Unreachable {
        /// Host and port.
        address: String,
        /// Why the attempt failed.
        reason: String,
    },
    /// The server did not answer in time. The call may have taken effect.
    Timeout {
        /// Time from the beginning of the call.
        after: Duration,
    },
    /// The server refused the call, or the connection broke.
    Failed {
        /// The reported error.
        reason: String,
    },
    /// The server's answer was not one of the script's.
    UnexpectedReply,
}

impl fmt::Display for RedisStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ZeroTimeout => f.write_str("the response timeout of the redis store is zero"),
            Self::Unreachable { address, reason } => {
                write!(f, "no connection to redis at {address}: {reason}")
            }
            Self::Timeout { after } => write!(f, "redis did not answer within {after:?}"),
            Self::Failed { reason } => write!(f, "redis: {reason}"),
            Self::UnexpectedReply => {
                f.write_str("redis sent an unexpected reply; check that the server is redis")
            }
        }
    }
}

impl Error for RedisStoreError {}
