use std::time::Duration;

use crate::error::ErrorKind;
use crate::operation::Operation;

/// How often and how soon a call is repeated, **where a repeat is safe**:
///
/// | what happened | `list`, `delete` | `create` |
/// |---|---|---|
/// | no connection: nothing was sent | repeated | repeated |
/// | 429 Too Many Requests | repeated | repeated |
/// | 502, 503, 504 | repeated | not |
/// | the connection broke off, or no answer in time | repeated | not |
/// | anything else | not | not |
///
/// A repeated `create` makes a second webhook if the first one was made after
/// all, and every delivery then comes twice. 429 says that the request was not
/// let through (RFC 6585). 503 is left out for `create`: it is also what a
/// proxy says when the answer of the server behind it got lost.
///
/// The wait before attempt n + 1 is drawn at random between half of it and the
/// whole of `base` · 2ⁿ⁻¹, at most `max`. If the provider gives a `Retry-After`,
/// this comes on top of it. If it asks for more than
/// [`longest_retry_after`](Self::longest_retry_after), the call is given up at
/// once: coming back earlier than asked is no option, and so long a wait is the
/// caller's to decide ([`Error::retry_after`](crate::Error::retry_after)).
///
/// ```
/// use std::time::Duration;
/// use nano_webhook_client::RetryPolicy;
///
/// let patient = RetryPolicy::default()
///     .max_attempts(8)
///     .backoff(Duration::from_millis(500), Duration::from_secs(30));
/// # let _ = patient;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: u32,
    base: Duration,
    max: Duration,
    longest_retry_after: Duration,
}

impl RetryPolicy {
    /// One attempt, no repeat.
    pub fn never() -> Self {
        Self::default().max_attempts(1)
    }

    /// How many attempts a call has, the first one included. Default: 4. 0 is
    /// read as 1.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The wait before the second attempt, and the longest one. Defaults: 250
    /// milliseconds and 8 seconds.
    pub const fn backoff(mut self, base: Duration, max: Duration) -> Self {
        self.base = base;
        self.max = max;
        self
    }

    /// The longest `Retry-After` that is waited for. Default: 30 seconds.
    pub const fn longest_retry_after(mut self, longest: Duration) -> Self {
        self.longest_retry_after = longest;
        self
    }

    /// How long to wait after this attempt failed (the first one is 1), or
    /// `None` if it was the last. `random` lies between 0 and 1.
    pub(crate) fn delay(
        &self,
        attempt: u32,
        operation: &Operation,
        failure: &ErrorKind,
        random: f64,
    ) -> Option<Duration> {
        if attempt >= self.max_attempts || !is_safe_to_repeat(operation, failure) {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(31);
        let backoff = self.base.saturating_mul(1 << doublings).min(self.max);
        let seconds = backoff.as_secs_f64() * (0.5 + random.clamp(0.0, 1.0) / 2.0);
        let backoff = Duration::try_from_secs_f64(seconds).unwrap_or(backoff);
        match failure {
            ErrorKind::Refused {
                retry_after: Some(asked),
                ..
            } => (*asked <= self.longest_retry_after).then(|| asked.saturating_add(backoff)),
            _ => Some(backoff),
        }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            base: Duration::from_millis(250),
            max: Duration::from_secs(8),
            longest_retry_after: Duration::from_secs(30),
        }
    }
}

fn is_safe_to_repeat(operation: &Operation, failure: &ErrorKind) -> bool {
    match failure {
        ErrorKind::Unreachable { .. } | ErrorKind::Refused { status: 429, .. } => true,
        ErrorKind::Interrupted { .. }
        | ErrorKind::TimedOut { .. }
        | ErrorKind::Refused {
            status: 502..=504, ..
        } => operation.is_idempotent(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::RetryPolicy;
    use crate::error::ErrorKind;
    use crate::operation::Operation;
    use std::time::Duration;

    fn refused(status: u16, retry_after: Option<u64>) -> ErrorKind {
        ErrorKind::Refused {
            status,
            message: None,
            snippet: None,
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    fn delay(attempt: u32, failure: &ErrorKind, random: f64) -> Option<u128> {
        RetryPolicy::default()
            .max_attempts(100)
            .delay(attempt, &Operation::List, failure, random)
            .map(|delay| delay.as_millis())
    }

    #[test]
    fn delays_double_up_to_the_longest() {
        for (attempt, shortest, longest) in [
            (1, 125, 250),
            (2, 250, 500),
            (3, 500, 1000),
            (5, 2000, 4000),
            (6, 4000, 8000),
            (7, 4000, 8000),
            (99, 4000, 8000),
        ] {
            assert_eq!(delay(attempt, &refused(503, None), 0.0), Some(shortest));
            assert_eq!(delay(attempt, &refused(503, None), 1.0), Some(longest));
        }
    }

    #[test]
    fn retry_after_is_waited_for_and_more_or_not_at_all() {
        for (asked, expected) in [
            (0, Some(250)),
            (1, Some(1250)),
            (30, Some(30_250)),
            (31, None),
            (u64::MAX, None),
        ] {
            assert_eq!(
                delay(1, &refused(429, Some(asked)), 1.0),
                expected,
                "{asked}"
            );
        }
    }

    #[test]
    fn the_last_attempt_is_the_last() {
        let policy = RetryPolicy::default();
        let failure = refused(503, None);
        assert!(policy.delay(3, &Operation::List, &failure, 0.0).is_some());
        assert!(policy.delay(4, &Operation::List, &failure, 0.0).is_none());
        for never in [RetryPolicy::never(), policy.max_attempts(0)] {
            assert!(never.delay(1, &Operation::List, &failure, 0.0).is_none());
        }
    }

    #[test]
    fn extreme_settings_do_not_overflow() {
        let policy = RetryPolicy::default()
            .max_attempts(u32::MAX)
            .backoff(Duration::MAX, Duration::MAX)
            .longest_retry_after(Duration::MAX);
        let failure = refused(429, Some(u64::MAX));
        assert!(
            policy
                .delay(u32::MAX - 1, &Operation::List, &failure, 0.5)
                .is_some()
        );
    }

    /// The table of the documentation.
    #[test]
    fn what_is_repeated() {
        let io = || Box::new(std::io::Error::other("test"));
        let delete = Operation::Delete(7.into());
        for (failure, idempotent, create) in [
            (ErrorKind::Unreachable { source: io() }, true, true),
            (refused(429, None), true, true),
            (refused(502, None), true, false),
            (refused(503, None), true, false),
            (refused(504, None), true, false),
            (ErrorKind::Interrupted { source: io() }, true, false),
            (
                ErrorKind::TimedOut {
                    limit: Duration::ZERO,
                },
                true,
                false,
            ),
            (refused(200, None), false, false),
            (refused(400, None), false, false),
            (refused(401, None), false, false),
            (refused(404, None), false, false),
            (refused(408, None), false, false),
            (refused(500, None), false, false),
            (refused(501, None), false, false),
            (refused(505, None), false, false),
            (
                ErrorKind::Redirected {
                    status: 302,
                    location: None,
                },
                false,
                false,
            ),
            (
                ErrorKind::TooLarge {
                    status: 200,
                    limit: 1,
                },
                false,
                false,
            ),
        ] {
            for (operation, expected) in [
                (&Operation::List, idempotent),
                (&delete, idempotent),
                (&Operation::Create, create),
            ] {
                let delay = RetryPolicy::default().delay(1, operation, &failure, 0.0);
                assert_eq!(delay.is_some(), expected, "{operation}: {failure}");
            }
        }
    }
}
