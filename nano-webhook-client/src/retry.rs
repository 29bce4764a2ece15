use std::time::{Duration, SystemTime};

use http::Method;
use http::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};

use crate::error::{Error, ErrorKind};

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
/// created after all. Proxies send 503 also when an answer was lost; 429 says that
/// the request was rejected (RFC 6585).
///
/// The wait before attempt n + 1 is random between half of `base` · 2ⁿ⁻¹ and the
/// whole of it, at most `max`. It is added to the provider's `Retry-After`. A
/// `Retry-After` that is longer than
/// [`longest_retry_after`](Self::longest_retry_after), or that cannot be read,
/// ends the call: a retry is never sooner than the provider asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: u32,
    base: Duration,
    max: Duration,
    longest_retry_after: Duration,
}

impl RetryPolicy {
    /// How many attempts a call has, including the first. Default: 4. 1 means no
    /// retry, and so does 0.
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
        method: &Method,
        error: &Error,
        random: f64,
    ) -> Option<Duration> {
        let is_safe = match (error.kind(), error.status()) {
            (ErrorKind::Unreachable, _) | (ErrorKind::Refused, Some(429)) => true,
            (ErrorKind::Interrupted | ErrorKind::TimedOut, _)
            | (ErrorKind::Refused, Some(502..=504)) => method.is_idempotent(),
            _ => false,
        };
        let asked = error.facts.retry_after.unwrap_or_default();
        let is_too_long = asked > self.longest_retry_after || asked == Duration::MAX;
        if attempt >= self.max_attempts || !is_safe || is_too_long {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(31);
        let backoff = self.base.saturating_mul(1 << doublings).min(self.max);
        let seconds = backoff.as_secs_f64() * (0.5 + random.clamp(0.0, 1.0) / 2.0);
        let backoff = Duration::try_from_secs_f64(seconds).unwrap_or(backoff);
        Some(asked.saturating_add(backoff))
    }
}

/// Whether this attempt may have changed something. 4xx means that the request
/// was not carried out (RFC 9110, section 15.5); a 5xx may come from a proxy.
pub(crate) fn is_uncertain(method: &Method, error: &Error) -> bool {
    let may_have_arrived = match error.kind() {
        ErrorKind::Refused => error.status() >= Some(500),
        ErrorKind::Unreachable | ErrorKind::Redirected => false,
        _ => true,
    };
    may_have_arrived && !method.is_safe()
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
/// does not matter. `Duration::MAX` if it cannot be read.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let now = headers.get(DATE).and_then(date).unwrap_or(now);
    let until = |until: SystemTime| until.duration_since(now).unwrap_or_default();
    let wait = |value| seconds(value).or_else(|| date(value).map(until));
    let waits = headers.get_all(RETRY_AFTER).iter();
    (waits.map(|value| wait(value).unwrap_or(Duration::MAX))).max()
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
    let policy = RetryPolicy::default().max_attempts(100);
    let extreme = policy.longest_retry_after(Duration::MAX);
    let extreme = (extreme.max_attempts(u32::MAX)).backoff(Duration::MAX, Duration::MAX);
    let millis = Duration::from_millis;
    // The wait with no random part, in milliseconds; it is twice that with all of it.
    for (policy, attempt, asked, half) in [
        (policy, 1, millis(0), Some(125)),
        (policy, 2, millis(0), Some(250)),
        (policy, 6, millis(0), Some(4000)),
        (policy, 99, millis(0), Some(4000)),
        (policy, 100, millis(0), None),
        (policy, 1, millis(1000), Some(125)),
        (policy, 1, millis(30_000), Some(125)),
        (policy, 1, millis(30_001), None),
        (policy.max_attempts(0), 1, millis(0), None),
        // Unreadable.
        (extreme, 1, Duration::MAX, None),
    ] {
        let mut error = Error::new(ErrorKind::Refused, "");
        error = error.with_status(http::StatusCode::TOO_MANY_REQUESTS);
        error.facts.retry_after = Some(asked);
        for (random, times) in [(0.0, 1), (1.0, 2)] {
            let delay = policy.delay(attempt, &Method::POST, &error, random);
            let expected = half.map(|half| asked + millis(half * times));
            assert_eq!(delay, expected, "{attempt} {asked:?}");
        }
    }
    let error = Error::new(ErrorKind::Unreachable, "");
    let longest = extreme.delay(u32::MAX - 1, &Method::POST, &error, 1.0);
    assert!(longest > Some(Duration::from_secs(u64::MAX / 4)));
}
