use std::fmt::Write as _;

use nano_webhook_core::UnixTime;

use super::record::{Forwarded, Record};
use crate::commands::verify;
use crate::exit::Failure;
use crate::http::status_text;
use crate::output::{BAD, FAINT, GOOD, Output, WARNING, styled};
use crate::text::{clock, label, latency, printable};

/// Prints one delivery as a block.
pub(super) fn show(record: &Record, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.json(&record.to_json());
    }
    let mut text = String::new();
    let _ = headline(record, &mut text);
    let _ = details(record, &mut text);
    output.line(text)
}

fn headline(record: &Record, out: &mut String) -> std::fmt::Result {
    let facts = &record.facts;
    let received_at = UnixTime::from_millis(facts.received_at_ms);
    let number = format!("#{} {}", record.id, clock(received_at.as_secs()));
    write!(out, "{} ", styled(FAINT, number))?;
    let what = label(record.label.0.as_deref(), record.label.1.as_deref());
    if let Some(signed_at) = record.signed_at {
        let age = verify::age(signed_at, received_at);
        write!(out, "{} {what}, {age}", styled(GOOD, "accepted"))?;
        if facts.matched_secret.as_deref() == Some("previous") {
            write!(out, ", {}", styled(WARNING, "a previous secret"))?;
        }
    }
    if let Some(code) = &facts.code {
        write!(out, "{} {}", styled(BAD, "rejected"), styled(BAD, code))?;
        if !what.is_empty() {
            write!(out, ", claims {what}")?;
        }
    }
    let (size, status) = (record.body.len(), facts.status.unwrap_or_default());
    let rest = format!(", {size} bytes, answered {status}");
    write!(out, "{}", styled(FAINT, rest))
}

fn details(record: &Record, out: &mut String) -> std::fmt::Result {
    let facts = &record.facts;
    if let Some(note) = &facts.note {
        write!(out, "\n   {} {note}", styled(FAINT, "note:"))?;
    }
    if let Some(earlier) = facts.repeat_of {
        write!(
            out,
            "\n   {} the same event and task as #{earlier}; a receiver that deduplicates does not handle it again",
            styled(WARNING, "repeat:")
        )?;
    }
    if let Some(why) = facts.explanation.as_ref().or(facts.problem.as_ref()) {
        write!(out, "\n   {} {}", styled(FAINT, "why:"), printable(why))?;
    }
    for hint in &record.hints {
        write!(out, "\n   {} {hint}", styled(FAINT, "hint:"))?;
    }
    match &record.forwarded {
        Some(Forwarded::Answered {
            status,
            body,
            elapsed,
        }) => {
            let is_success = (200..300).contains(status);
            write!(
                out,
                "\n   {} {} {} {}",
                styled(FAINT, "forwarded:"),
                styled(if is_success { GOOD } else { BAD }, status_text(*status)),
                styled(FAINT, format_args!("in {}", latency(*elapsed))),
                printable(body)
            )?;
        }
        Some(Forwarded::Failed { problem }) => {
            let problem = printable(problem);
            write!(out, "\n   {} {problem}", styled(BAD, "forwarding failed:"))?;
        }
        None => {}
    }
    match &record.saved {
        Some(Ok(path)) => write!(out, "\n   {} {}", styled(FAINT, "saved:"), path.display()),
        Some(Err(problem)) => write!(out, "\n   {} {problem}", styled(BAD, "not saved:")),
        None => Ok(()),
    }
}
