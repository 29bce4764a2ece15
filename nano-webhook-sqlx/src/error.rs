use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_core::dedupe::StoreError;

/// A store could not be opened, or could not answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SqlStoreError {
    /// The URL is malformed, or names another database.
    Url {
        /// What the URL lacks.
        reason: String,
    },
    /// The database does not keep what it has committed, or accepts no writes.
    Unsuitable {
        /// The setting, and how to change it.
        reason: String,
    },
    /// The database reported an error. Calls whose transaction could not be committed
    /// share it.
    Database(Arc<sqlx::Error>),
    /// The database did not answer in time. The call may have taken effect.
    Timeout {
        /// Time until the store gave up.
        after: Duration,
    },
    /// Other transactions kept the record locked, or kept changing it.
    Contended,
}

impl fmt::Display for SqlStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url { reason } => write!(f, "the database URL cannot be used: {reason}"),
            Self::Unsuitable { reason } => {
                write!(f, "the database cannot keep claims: {reason}")
            }
            Self::Database(error) => write!(f, "the database of claims: {error}"),
            Self::Timeout { after } => {
                write!(f, "the database of claims did not answer within {after:?}")
            }
            Self::Contended => {
                f.write_str("another transaction holds the claim's row; keep transactions short")
            }
        }
    }
}

impl Error for SqlStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Database(error) => error.source(),
            _ => None,
        }
    }
}

impl From<SqlStoreError> for StoreError {
    fn from(error: SqlStoreError) -> Self {
        Self::new(error)
    }
}

impl From<sqlx::Error> for SqlStoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

/// The options of a URL. sqlx's parsers accept any scheme.
pub(crate) fn parse<O: std::str::FromStr<Err = sqlx::Error>>(
    url: &str,
    schemes: &[&str],
) -> Result<O, SqlStoreError> {
    if !schemes.iter().any(|scheme| url.starts_with(scheme)) {
        let reason = format!("it does not begin with {}", schemes.join(" or "));
        return Err(SqlStoreError::Url { reason });
    }
    url.parse()
        .map_err(|error: sqlx::Error| SqlStoreError::Url {
            reason: error.to_string(),
        })
}
