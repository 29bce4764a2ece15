use nano_webhook_core::{Delivery, MatchedSecret, UnixTime};
use serde_json::json;

use super::case::Rejection;
use crate::exit::Failure;
use crate::output::{BAD, FAINT, GOOD, Output, styled};
use crate::text::printable;

pub(super) fn verified(delivery: &Delivery, now: UnixTime, output: &Output) -> Result<(), Failure> {
    let event = delivery.event();
    let previous = matches!(delivery.secret(), MatchedSecret::Previous);
    let explanation = match previous {
        false => "The signature is right.".to_owned(),
        true => format!(
            "The signature is right for {}, not for the current one: a receiver that knows only the current one rejects it.",
            describe(delivery.secret())
        ),
    };
    if output.is_json() {
        return output.json(&json!({
            "verified": true,
            "code": null,
            "cause": previous.then_some("previous_secret"),
            "causes": if previous { vec!["previous_secret"] } else { vec![] },
            "explanation": explanation,
            "hints": [],
            "event": event.name(),
            "task_id": event.task_id(),
            "signed_at_ms": delivery.signed_at().as_millis(),
            "matched_secret": if previous { "previous" } else { "current" },
        }));
    }
    let age = age(delivery.signed_at(), now);
    output.line(format_args!(
        "{} {}{}, {age}, with {}",
        styled(GOOD, "verified"),
        printable(event.name()),
        event
            .task_id()
            .map(|task| format!(" {}", printable(task)))
            .unwrap_or_default(),
        describe(delivery.secret()),
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

/// Which secret matched, for people.
pub(crate) fn describe(secret: MatchedSecret) -> &'static str {
    match secret {
        MatchedSecret::Current => "the current secret",
        MatchedSecret::Previous => "a previous secret",
    }
}
