use std::error::Error;
use std::fmt;
use std::time::Duration;

use nano_webhook_core::WebhookError;

const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The error of a transaction that completes a delivery.
///
/// Return it from the function that has the transaction: `?` converts
/// [`sqlx::Error`] too, and the transaction is rolled back when it is dropped.
/// A handler that returns the adapter's `WebhookRejection` converts it with `?` in
/// turn: it is logged, and answered 503 with `Retry-After`, so the claim is released
/// and the sender tries again.
///
/// ```
/// use std::time::Duration;
///
/// use nano_webhook_core::WebhookError;
/// use nano_webhook_sqlx::{TransactionError, TransactionErrorKind, sqlx};
///
/// let error = TransactionError::from(sqlx::Error::PoolTimedOut);
/// assert_eq!(error.kind(), TransactionErrorKind::Database);
/// let error = WebhookError::from(error);
/// assert_eq!(error.status(), 503);
/// assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
/// ```
pub struct TransactionError(Option<sqlx::Error>);

/// The kinds of a [`TransactionError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransactionErrorKind {
    /// Another request has claimed the delivery and handles it.
    LeaseLost,
    /// The transaction met a concurrent one: Postgres `40001` or `40P01`, SQLite
    /// `SQLITE_BUSY` or `SQLITE_LOCKED`. The lease is still held: the handler can
    /// run its transaction again at once, or return the error.
    Conflict,
    /// The database reported another error, or cannot be reached.
    Database,
}

impl TransactionError {
    /// The lease is lost if its completion changed no row.
    pub(crate) fn unless_changed(rows: u64) -> Result<(), Self> {
        match rows {
            0 => Err(Self(None)),
            _ => Ok(()),
        }
    }

    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> TransactionErrorKind {
        match &self.0 {
            None => TransactionErrorKind::LeaseLost,
            Some(error) if is_conflict(error) => TransactionErrorKind::Conflict,
            Some(_) => TransactionErrorKind::Database,
        }
    }
}

pub(crate) fn is_conflict(error: &sqlx::Error) -> bool {
    has_code(error, is_conflict_code)
}

/// Whether it is an error of the database, with such a code.
pub(crate) fn has_code(error: &sqlx::Error, is_it: impl Fn(&str) -> bool) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| is_it(&code))
}

/// Postgres: five characters. SQLite: the extended result code, whose low byte is
/// `SQLITE_BUSY` (5) or `SQLITE_LOCKED` (6).
fn is_conflict_code(code: &str) -> bool {
    match code {
        "40001" | "40P01" => true,
        _ if code.len() == 5 => false,
        _ => code
            .parse::<u32>()
            .is_ok_and(|code| matches!(code & 0xff, 5 | 6)),
    }
}

impl From<sqlx::Error> for TransactionError {
    fn from(error: sqlx::Error) -> Self {
        Self(Some(error))
    }
}

impl From<TransactionError> for WebhookError {
    fn from(error: TransactionError) -> Self {
        tracing::error!(kind = ?error.kind(), %error, "the delivery was not handled; the sender is told to retry");
        Self::retry_later(RETRY_AFTER)
    }
}

impl fmt::Display for TransactionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str(
                "the lease of the delivery was lost before its transaction was complete; roll it back",
            ),
            Some(error) => write!(f, "the transaction of a delivery failed: {error}"),
        }
    }
}

impl fmt::Debug for TransactionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionError")
            .field("kind", &self.kind())
            .field("message", &format_args!("{self}"))
            .finish()
    }
}

impl Error for TransactionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_ref().and_then(Error::source)
    }
}

#[cfg(test)]
mod tests {
    use super::is_conflict_code;

    #[test]
    fn codes_that_a_repetition_can_settle() {
        for (code, expected) in [
            ("40001", true),
            ("40P01", true),
            ("23505", false),
            ("53100", false),
            ("5", true),
            ("6", true),
            ("517", true),
            ("13", false),
            ("2067", false),
        ] {
            assert_eq!(is_conflict_code(code), expected, "{code}");
        }
    }
}
