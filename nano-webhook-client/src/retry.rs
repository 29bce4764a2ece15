use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, HeaderValue, RETRY_AFTER};

use crate::error::Error;
use crate::error_kind::ErrorKind;
use crate::operation::Operation;

/// How often and how soon a call is retried, if a retry is safe:
///
/// | what happened | `list`, `delete` | `create` |
/// |---|---|---|
/// | no connection: nothing was sent | retried | retried |
/// | 429 Too Many Requests | retried | retried |
/// | 502, 503, 504 | retried | not |
/// | the connection closed, or no answer in time | retried | not |
/// | anything else | not | not |
///
/// A retried `create` would make a second webhook if the first one had been
/// created after all. 429 says that the request was rejected (RFC 6585). 503 is
/// excluded for `create`, because proxies also send it when an answer was lost.
///
/// The wait before attempt n + 1 is random between half of `base` · 2ⁿ⁻¹ and the
/// whole of it, at most `max`. It is added to the provider's `Retry-After`. A
/// `Retry-After` that is longer than
/// [`longest_retry_after`](Self::longest_retry_after), or that cannot be read,
/// ends the call: a retry is never sooner than the provider asked.
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
    /// One attempt, no retry.
    pub fn never() -> Self {
        Self::default().max_attempts(1)
    }

    /// How many attempts a call has, including the first. Default: 4. 0 counts
    /// as 1.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The wait before the second attempt, and the longest wait. Defaults: 250
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

    /// How long to wait after this attempt failed (the first one is 1), or `None`
    /// if it was the last. `random` lies between 0 and 1.
    pub(crate) fn delay(
        &self,
        attempt: u32,
        operation: &Operation,
        error: &Error,
        random: f64,
    ) -> Option<Duration> {
        if attempt >= self.max_attempts || !is_safe_to_retry(operation, error) {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(31);
        let backoff = self.base.saturating_mul(1 << doublings).min(self.max);
        let seconds = backoff.as_secs_f64() * (0.5 + random.clamp(0.0, 1.0) / 2.0);
        let backoff = Duration::try_from_secs_f64(seconds).unwrap_or(backoff);
        let asked = error.asked_wait().unwrap_or_default();
        let acceptable = asked <= self.longest_retry_after && asked < Duration::MAX;
        acceptable.then(|| asked.saturating_add(backoff))
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

fn is_safe_to_retry(operation: &Operation, error: &Error) -> bool {
    match (error.kind(), error.status()) {
        (ErrorKind::Unreachable, _) | (ErrorKind::Refused, Some(429)) => true,
        (ErrorKind::Interrupted | ErrorKind::TimedOut, _)
        | (ErrorKind::Refused, Some(502..=504)) => operation.is_idempotent(),
        _ => false,
    }
}

/// `Retry-After` in seconds, or as an HTTP date (RFC 9110, section 10.2.3). A date
/// is compared with the answer's own `Date`, so that the clock of this machine
/// does not matter. What cannot be read is `Duration::MAX`.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let now = headers.get(DATE).and_then(date).unwrap_or(now);
    let wait = |value: &HeaderValue| {
        let until = |until: SystemTime| until.duration_since(now).unwrap_or_default();
        seconds(value)
            .or_else(|| date(value).map(until))
            .unwrap_or(Duration::MAX)
    };
    headers.get_all(RETRY_AFTER).iter().map(wait).max()
}

/// Rounded up: `1.5` is not documented, but sent.
fn seconds(value: &HeaderValue) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    // Too many digits for a number are too many seconds for any policy.
    let whole = whole.parse::<u64>().unwrap_or(u64::MAX);
    let part = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    Some(Duration::from_secs(whole.saturating_add(part)))
}

fn date(value: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use http::HeaderMap;

    use super::{RetryPolicy, retry_after};
    use crate::error::Error;
    use crate::error_kind::ErrorKind;
    use crate::operation::Operation;

    fn refused(retry_after: Option<Duration>) -> Error {
        Error::new(ErrorKind::Refused)
            .with_status(429)
            .with_retry_after(retry_after)
    }

    #[test]
    fn delays() {
        let second = Duration::from_secs;
        for (attempt, asked, shortest, longest) in [
            (1, None, 125, 250),
            (2, None, 250, 500),
            (5, None, 2000, 4000),
            (6, None, 4000, 8000),
            (99, None, 4000, 8000),
            (1, Some(second(0)), 125, 250),
            (1, Some(second(1)), 1125, 1250),
            (1, Some(second(30)), 30_125, 30_250),
        ] {
            for (random, expected) in [(0.0, shortest), (1.0, longest)] {
                let policy = RetryPolicy::default().max_attempts(100);
                let delay = policy.delay(attempt, &Operation::List, &refused(asked), random);
                assert_eq!(delay.unwrap().as_millis(), expected, "{attempt} {asked:?}");
            }
        }
        let extreme = RetryPolicy::default()
            .max_attempts(u32::MAX)
            .backoff(Duration::MAX, Duration::MAX)
            .longest_retry_after(Duration::MAX);
        for (policy, attempt, asked, retried) in [
            (RetryPolicy::default(), 3, None, true),
            (RetryPolicy::default(), 4, None, false),
            (RetryPolicy::default(), 1, Some(second(31)), false),
            (RetryPolicy::never(), 1, None, false),
            (RetryPolicy::default().max_attempts(0), 1, None, false),
            (extreme, u32::MAX - 1, Some(second(u64::MAX)), true),
            (extreme, 1, Some(Duration::MAX), false),
        ] {
            let delay = policy.delay(attempt, &Operation::List, &refused(asked), 0.5);
            assert_eq!(delay.is_some(), retried, "{policy:?} {asked:?}");
        }
    }

    #[rustfmt::skip]
    #[test]
    fn retry_after_values() {
        const TEN: &str = "Mon, 23 Dec 2024 10:00:00 GMT";
        const HALF_PAST: &str = "Mon, 23 Dec 2024 10:30:00 GMT";
        const UNREADABLE: Option<u64> = None;
        for (values, date, expected) in [
            (&["0"][..], None, Some(0)),
            (&["120"], None, Some(120)),
            (&[" 7 "], None, Some(7)),
            (&["1.5"], None, Some(2)),
            (&["0.001"], None, Some(1)),
            (&["2.0"], None, Some(2)),
            (&["99999999999999999999999"], None, Some(u64::MAX)),
            (&["-1"], None, UNREADABLE),
            (&["1."], None, UNREADABLE),
            (&["1e3"], None, UNREADABLE),
            (&[""], None, UNREADABLE),
            (&["soon"], None, UNREADABLE),
            (&["1", "60"], None, Some(60)),
            (&["1", "soon"], None, UNREADABLE),
            (&[HALF_PAST], None, Some(1800)),
            (&[TEN], None, Some(0)),
            (&["Monday, 23-Dec-24 10:30:00 GMT"], None, Some(1800)),
            (&["Mon Dec 23 10:30:00 2024"], None, Some(1800)),
            (&[HALF_PAST], Some("Mon, 23 Dec 2024 10:29:00 GMT"), Some(60)),
            (&[HALF_PAST], Some("nonsense"), Some(1800)),
            (&[TEN], Some(HALF_PAST), Some(0)),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("retry-after", value.parse().unwrap());
            }
            if let Some(date) = date {
                headers.insert("date", date.parse().unwrap());
            }
            let ten = SystemTime::UNIX_EPOCH + Duration::from_secs(1_734_948_000);
            let expected = expected.map_or(Duration::MAX, Duration::from_secs);
            assert_eq!(
                retry_after(&headers, ten),
                Some(expected),
                "{values:?} {date:?}"
            );
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::UNIX_EPOCH), None);
    }
}
