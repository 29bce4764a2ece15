use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nano_webhook_core::UnixTime;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// `Retry-After`: seconds, or an HTTP date (RFC 9110, section 10.2.3).
///
/// A date is measured against the answer's own `Date`, where it has one: the
/// two clocks of the provider agree, ours may not. A date in the past is zero.
pub(crate) fn retry_after(headers: &HeaderMap, now: fn() -> UnixTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Too many digits for a number are too many seconds for anybody.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = match date(headers, DATE) {
        Some(date) => date,
        None => UNIX_EPOCH.checked_add(Duration::from_millis(now().as_millis()))?,
    };
    Some(until.duration_since(now).unwrap_or_default())
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::retry_after;
    use nano_webhook_core::UnixTime;
    use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

    #[test]
    fn values() {
        const TEN: &str = "Mon, 23 Dec 2024 10:00:00 GMT";
        const HALF_PAST: &str = "Mon, 23 Dec 2024 10:30:00 GMT";
        for (value, date, expected) in [
            ("0", None, Some(0)),
            ("120", None, Some(120)),
            (" 7 ", None, Some(7)),
            ("99999999999999999999999", None, Some(u64::MAX)),
            ("-1", None, None),
            ("1.5", None, None),
            ("", None, None),
            ("soon", None, None),
            // The clock of this test says ten.
            (HALF_PAST, None, Some(1800)),
            (TEN, None, Some(0)),
            ("Monday, 23-Dec-24 10:30:00 GMT", None, Some(1800)),
            ("Mon Dec 23 10:30:00 2024", None, Some(1800)),
            (HALF_PAST, Some("Mon, 23 Dec 2024 10:29:00 GMT"), Some(60)),
            (HALF_PAST, Some("nonsense"), Some(1800)),
            (TEN, Some(HALF_PAST), Some(0)),
            (
                "Fri, 31 Dec 9999 23:59:59 GMT",
                Some(TEN),
                Some(251_667_352_799),
            ),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            if let Some(date) = date {
                headers.insert(DATE, date.parse().unwrap());
            }
            let ten = || UnixTime::from_secs(1_734_948_000);
            let found = retry_after(&headers, ten).map(|wait| wait.as_secs());
            assert_eq!(found, expected, "{value} {date:?}");
        }
        assert_eq!(
            retry_after(&HeaderMap::new(), || UnixTime::from_secs(0)),
            None
        );
    }
}
