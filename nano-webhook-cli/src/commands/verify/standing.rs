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
    let (code, clause) = match error.kind() {
        ErrorKind::TimestampOutOfTolerance => return Some(out_of_tolerance(time, case)),
        ErrorKind::MalformedTimestamp => {
            let form = "the timestamp must be a Unix time in digits, in seconds or milliseconds";
            ("timestamp_malformed", format!("{form}: {error}"))
        }
        ErrorKind::UnsupportedContentEncoding => {
            let clause =
                "the request has a Content-Encoding; look for a proxy that compresses requests";
            ("content_encoding", clause.to_owned())
        }
        ErrorKind::BodyTooLarge => ("body_too_large", error.to_string()),
        ErrorKind::InvalidEvent => {
            let source = error.source().map(|source| format!(": {source}"));
            let clause =
                "the signature is right, but the body is not an event that a handler can use";
            (
                "invalid_event",
                clause.to_owned() + &source.unwrap_or_default(),
            )
        }
        _ => return None,
    };
    Some(Fault::new(code, clause))
}

fn out_of_tolerance(time: &SignedTime<'_>, case: &Case<'_>) -> Fault {
    let signed_at = unix_time(time.header.parse().unwrap_or_default());
    let (age, lead) = (signed_at.until(case.now), case.now.until(signed_at));
    let is_near = |secs: u64| secs.abs_diff(case.now.as_secs()) < YEAR;
    if lead > Duration::from_secs(1000 * YEAR) && time.header_secs().is_some_and(is_near) {
        return Fault::new(
            "timestamp_precision",
            "the timestamp is in microseconds or nanoseconds; it must be in seconds or milliseconds",
        );
    }
    let (code, direction, usually) = match signed_at > case.now {
        true => (
            "ahead",
            "ahead of the clock",
            "one of the two clocks is wrong",
        ),
        false => (
            "stale",
            "old",
            "it is a replay, a late retry, or a wrong clock",
        ),
    };
    let distance = age.max(lead);
    let why = zone(distance).unwrap_or(usually);
    let distance = seconds(distance);
    let allowed = seconds(Duration::from_secs(case.tolerance));
    let clause =
        format!("the timestamp is {distance} {direction}, and {allowed} are allowed; {why}");
    Fault::new(code, clause)
}

/// A distance of whole half-hours is rarely a coincidence.
fn zone(distance: Duration) -> Option<&'static str> {
    const HALF_HOUR: u64 = 30 * 60;
    let secs = distance.as_secs();
    let off = secs % HALF_HOUR;
    let near = off.min(HALF_HOUR.saturating_sub(off));
    ((HALF_HOUR..=14 * 2 * HALF_HOUR).contains(&secs) && near <= 2)
        .then_some("that is a time zone: one side takes local time for UTC")
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
