//! How rows read.

use std::time::Duration;

use nano_webhook_core::dedupe::{BodyDigest, Claim, Ownership};

use crate::error::SqlStoreError;

const LEASED: i64 = 0;
const COMPLETED_IN_TRANSACTION: i64 = 2;

/// Databases reject times that overflow their clock.
const LONGEST_MILLISECONDS: i64 = 100 * 366 * 24 * 3600 * 1000;

/// Rounded up: nothing lasts for less than its terms.
pub(crate) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos().div_ceil(1_000_000))
        .unwrap_or(LONGEST_MILLISECONDS)
        .clamp(1, LONGEST_MILLISECONDS)
}

/// The answer to a claim that found a record in its way.
pub(crate) fn refused(
    state: i64,
    body: &[u8],
    remaining_milliseconds: i64,
) -> Result<Claim, SqlStoreError> {
    if state == LEASED {
        return Ok(Claim::InProgress {
            remaining: Duration::from_millis(remaining_milliseconds.try_into().unwrap_or(0)),
        });
    }
    let body = body.try_into().map_err(|_| unreadable())?;
    Ok(Claim::Completed {
        body: BodyDigest::from_bytes(body),
    })
}

/// The answer to a claim that acquired the lease.
pub(crate) fn acquired(attempt: i64, taken_over: bool) -> Result<Claim, SqlStoreError> {
    let attempt = attempt.try_into().map_err(|_| unreadable())?;
    Ok(Claim::Acquired {
        attempt,
        taken_over,
    })
}

fn unreadable() -> SqlStoreError {
    SqlStoreError::Unsuitable {
        reason: String::from("nano_webhook_claims has a row that this crate did not write"),
    }
}

/// A call on a lease that the caller may own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Renew,
    Complete,
    Release,
}

impl Call {
    /// The answer to a call that changed nothing: `own` is the state of the record that
    /// names the caller, and whether its lease is running. `None` if the record is
    /// locked or was changed meanwhile.
    pub(crate) fn unchanged(self, own: Option<(i64, bool)>) -> Option<Ownership> {
        match (self, own) {
            // A running lease cannot be taken over, so an open transaction that
            // locks its row is the caller's.
            (Self::Renew, Some((LEASED, true))) => Some(Ownership::Held),
            (_, Some((LEASED, _))) => None,
            // The handler is still running after its commit: that is no loss.
            (Self::Renew, Some((COMPLETED_IN_TRANSACTION, _))) => Some(Ownership::Held),
            (Self::Complete, Some(_)) => Some(Ownership::Held),
            _ => Some(Ownership::Lost),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_rounded_up_and_bounded() {
        for (duration, expected) in [
            (Duration::ZERO, 1),
            (Duration::from_micros(1_001), 2),
            (Duration::from_secs(30), 30_000),
            (Duration::MAX, LONGEST_MILLISECONDS),
        ] {
            assert_eq!(milliseconds(duration), expected, "{duration:?}");
        }
    }

    #[test]
    fn a_record_that_was_not_changed_answers_by_its_state() {
        use Call::{Complete, Release, Renew};
        let (held, lost) = (Some(Ownership::Held), Some(Ownership::Lost));
        let own = |state, running| Some((state, running));
        for (call, record, expected) in [
            (Renew, None, lost),
            (Renew, own(0, true), held),
            (Renew, own(0, false), None),
            (Renew, own(1, true), lost),
            (Renew, own(2, true), held),
            (Renew, own(3, true), lost),
            (Complete, own(0, true), None),
            (Complete, own(1, false), held),
            (Complete, own(2, false), held),
            (Release, own(0, true), None),
            (Release, own(2, true), lost),
        ] {
            assert_eq!(call.unchanged(record), expected, "{call:?} {record:?}");
        }
    }
}
