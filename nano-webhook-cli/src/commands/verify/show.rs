use nano_webhook_core::{Delivery, MatchedSecret, UnixTime};
use serde_json::json;

use super::case::Rejection;
use crate::exit::Failure;
use crate::output::{BAD, FAINT, GOOD, Output, styled};
use crate::text::{label, printable};

const PREVIOUS: &str = "The signature is right for a previous secret, not for the current one: a receiver that knows only the current one rejects it.";

pub(super) fn verified(delivery: &Delivery, now: UnixTime, output: &Output) -> Result<(), Failure> {
    let event = delivery.event();
    let previous = matches!(delivery.secret(), MatchedSecret::Previous);
    let (which, explanation) = match previous {
        false => ("current", "The signature is right."),
        true => ("previous", PREVIOUS),
    };
    if output.is_json() {
        return output.json(&json!({
            "verified": true,
            "code": null,
            "cause": previous.then_some("previous_secret"),
            "causes": Vec::from_iter(previous.then_some("previous_secret")),
            "explanation": explanation,
            "hints": [],
            "event": event.name(),
            "task_id": event.task_id(),
            "signed_at_ms": delivery.signed_at().as_millis(),
            "matched_secret": which,
        }));
    }
    let age = age(delivery.signed_at(), now);
    output.line(format_args!(
        "{} {}, {age}, with {} {which} secret",
        styled(GOOD, "verified"),
        label(Some(event.name()), event.task_id()),
        if previous { "a" } else { "the" },
    ))?;
    if previous {
        output.line(explanation)?;
    }
    Ok(())
}

pub(super) fn rejected(rejection: &Rejection, output: &Output) -> Result<(), Failure> {
    let codes: Vec<_> = rejection.causes.iter().map(|cause| cause.code).collect();
    if output.is_json() {
        return output.json(&json!({
            "verified": false,
            "code": rejection.code,
            "cause": codes.first(),
            "causes": codes,
            "explanation": rejection.explanation,
            "hints": rejection.hints,
        }));
    }
    output.line(format_args!(
        "{} {}",
        styled(BAD, "not verified"),
        styled(FAINT, format_args!("({})", rejection.code)),
    ))?;
    output.line(printable(&rejection.explanation))?;
    for hint in &rejection.hints {
        output.line(format_args!("{} {hint}", styled(FAINT, "hint:")))?;
    }
    Ok(())
}

/// How long ago a delivery was signed, for people.
pub(crate) fn age(signed_at: UnixTime, now: UnixTime) -> String {
    let (distance, direction) = match signed_at > now {
        true => (now.until(signed_at), "in the future"),
        false => (signed_at.until(now), "ago"),
    };
    format!("signed {:.1} s {direction}", distance.as_secs_f64())
}
