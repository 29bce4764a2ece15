//! What is wrong with a request in addition to its MAC: time, encoding, size, content.

use std::error::Error as _;
use std::time::Duration;

use nano_webhook_core::{ErrorKind, WebhookError};
use serde_json::Value;

use super::case::Case;
use super::rows::SignedTime;
use super::{Fault, unix_time};
use crate::text::seconds;

const YEAR: u64 = 366 * 24 * 60 * 60;

pub(super) fn fault(error: &WebhookError, time: &SignedTime<'_>, case: &Case<'_>) -> Option<Fault> {
    Some(match error.kind() {
        ErrorKind::TimestampOutOfTolerance => out_of_tolerance(time, case),
        ErrorKind::MalformedTimestamp => Fault::new(
            "timestamp_malformed",
            format!(
                "the timestamp must be a Unix time in digits, in seconds or milliseconds: {error}"
            ),
        ),
        ErrorKind::UnsupportedContentEncoding => Fault::new(
            "content_encoding",
            "the request has a Content-Encoding; look for a proxy that compresses requests",
        ),
        ErrorKind::BodyTooLarge => Fault::new("body_too_large", error.to_string()),
        ErrorKind::InvalidEvent => {
            let source = error.source().map(|source| format!(": {source}"));
            let source = source.unwrap_or_default();
            let clause = format!(
                "the signature is right, but the body is not an event that a handler can use{source}"
            );
            Fault::new("invalid_event", clause)
        }
        _ => return None,
    })
}

fn out_of_tolerance(time: &SignedTime<'_>, case: &Case<'_>) -> Fault {
    let signed_at = unix_time(time.header.parse().unwrap_or_default());
    let allowed = seconds(Duration::from_secs(case.tolerance));
    if signed_at <= case.now {
        let age = signed_at.until(case.now);
        return Fault::new(
            "stale",
            format!(
                "the timestamp is {} old, and {allowed} are allowed{}",
                seconds(age),
                zone(age).unwrap_or("; it is a replay, a late retry, or a wrong clock"),
            ),
        );
    }
    let lead = case.now.until(signed_at);
    let is_near = |secs: u64| secs.abs_diff(case.now.as_secs()) < YEAR;
    if lead > Duration::from_secs(1000 * YEAR) && time.header_secs().is_some_and(is_near) {
        return Fault::new(
            "timestamp_precision",
            "the timestamp is in microseconds or nanoseconds; it must be in seconds or milliseconds",
        );
    }
    Fault::new(
        "ahead",
        format!(
            "the timestamp is {} ahead of the clock, and {allowed} are allowed{}",
            seconds(lead),
            zone(lead).unwrap_or("; one of the two clocks is wrong"),
        ),
    )
}

/// A distance of whole half-hours is rarely a coincidence.
fn zone(distance: Duration) -> Option<&'static str> {
    const HALF_HOUR: u64 = 30 * 60;
    let secs = distance.as_secs();
    let off = secs % HALF_HOUR;
    let near = off.min(HALF_HOUR.saturating_sub(off));
    ((HALF_HOUR..=14 * 2 * HALF_HOUR).contains(&secs) && near <= 2)
        .then_some("; that is a time zone: one side takes local time for UTC")
}

/// The body's own `timestamp` field.
pub(super) fn body_timestamp(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    match value.get("timestamp")? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
