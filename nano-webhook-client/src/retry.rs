use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, HeaderValue, RETRY_AFTER};

use crate::error::Error;
use crate::kind::{ErrorKind, Operation};

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
        (self.base, self.max) = (base, max);
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
        let is_safe = match (error.kind(), error.status()) {
            (ErrorKind::Unreachable, _) | (ErrorKind::Refused, Some(429)) => true,
            (ErrorKind::Interrupted | ErrorKind::TimedOut, _)
            // Repeating the others has no further effect (RFC 9110, section 9.2.2).
            | (ErrorKind::Refused, Some(502..=504)) => *operation != Operation::Create,
            _ => false,
        };
        let asked = error.0.retry_after.unwrap_or_default();
        if attempt >= self.max_attempts
            || !is_safe
            || asked > self.longest_retry_after
            || asked == Duration::MAX
        {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(31);
        let backoff = self.base.saturating_mul(1 << doublings).min(self.max);
        let seconds = backoff.as_secs_f64() * (0.5 + random.clamp(0.0, 1.0) / 2.0);
        let backoff = Duration::try_from_secs_f64(seconds).unwrap_or(backoff);
        Some(asked.saturating_add(backoff))
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

/// `Retry-After` in seconds, or as an HTTP date (RFC 9110, section 10.2.3). A date
/// is compared with the answer's own `Date`, so that the clock of this machine
/// does not matter. What cannot be read is `Duration::MAX`.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let now = headers.get(DATE).and_then(date).unwrap_or(now);
    let until = |until: SystemTime| until.duration_since(now).unwrap_or_default();
    let wait = |value| seconds(value).or_else(|| date(value).map(until));
    let waits = headers.get_all(RETRY_AFTER).iter();
    waits
        .map(|value| wait(value).unwrap_or(Duration::MAX))
        .max()
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
#[test]
fn delays() {
    let default = RetryPolicy::default().max_attempts(100);
    let extreme = (default
        .max_attempts(u32::MAX)
        .longest_retry_after(Duration::MAX))
    .backoff(Duration::MAX, Duration::MAX);
    // With no random part and with all of it, in milliseconds; 0 if not retried.
    for (policy, attempt, asked, shortest, longest) in [
        (default, 1, 0, 125, 250),
        (default, 2, 0, 250, 500),
        (default, 6, 0, 4000, 8000),
        (default, 99, 0, 4000, 8000),
        (default, 100, 0, 0, 0),
        (default, 1, 1000, 1125, 1250),
        (default, 1, 30_000, 30_125, 30_250),
        (default, 1, 30_001, 0, 0),
        (default.max_attempts(0), 1, 0, 0, 0),
        (extreme, u32::MAX - 1, 9, u128::MAX, u128::MAX),
        // Unreadable.
        (extreme, 1, u64::MAX, 0, 0),
    ] {
        for (random, expected) in [(0.0, shortest), (1.0, longest)] {
            let mut error = Error::new(ErrorKind::Refused, "").with_status(429);
            error.0.retry_after = Some(match asked {
                u64::MAX => Duration::MAX,
                asked => Duration::from_millis(asked),
            });
            let delay = policy.delay(attempt, &Operation::Create, &error, random);
            let delay = delay.map_or(0, |delay| delay.as_millis());
            assert!(
                delay == expected || expected == u128::MAX && delay > 0,
                "{attempt} {asked}"
            );
        }
    }
}
