use std::fmt::Write as _;

use nano_webhook_core::MatchedSecret;

use super::record::{Forwarded, Record, Verdict};
use crate::commands::verify;
use crate::exit::Failure;
use crate::http::status_text;
use crate::output::{BAD, FAINT, GOOD, Output, WARNING, styled};
use crate::text::{clock, latency, printable};

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
    let (event, task_id) = record.label();
    let what = [event, task_id]
        .into_iter()
        .flatten()
        .map(printable)
        .collect::<Vec<_>>()
        .join(" ");
    write!(
        out,
        "{} ",
        styled(
            FAINT,
            format_args!("#{} {}", record.id, clock(record.received_at.as_secs()))
        )
    )?;
    match &record.verdict {
        Verdict::InProgress => {}
        Verdict::Accepted(delivery) => {
            write!(
                out,
                "{} {what}, {}",
                styled(GOOD, "accepted"),
                verify::age(delivery.signed_at(), record.received_at)
            )?;
            if let MatchedSecret::Previous = delivery.secret() {
                write!(
                    out,
                    ", {}",
                    styled(WARNING, verify::describe(delivery.secret()))
                )?;
            }
        }
        Verdict::Rejected { error, .. } => {
            write!(
                out,
                "{} {}",
                styled(BAD, "rejected"),
                styled(BAD, error.code())
            )?;
            if !what.is_empty() {
                write!(out, ", claims {what}")?;
            }
        }
    }
    write!(
        out,
        "{}",
        styled(
            FAINT,
            format_args!(
                ", {} bytes, answered {}",
                record.body.bytes.len(),
                record.status().unwrap_or_default()
            )
        )
    )
}

fn details(record: &Record, out: &mut String) -> std::fmt::Result {
    if let Some(note) = &record.note {
        write!(out, "\n   {} {note}", styled(FAINT, "note:"))?;
    }
    if let Some(earlier) = record.repeat_of {
        write!(
            out,
            "\n   {} the same event and task as #{earlier}; a receiver that deduplicates does not handle it again",
            styled(WARNING, "repeat:")
        )?;
    }
    if let Verdict::Rejected {
        error, explained, ..
    } = &record.verdict
    {
        let why = match explained {
            Some(explained) => &explained.explanation,
            None => &error.to_string(),
        };
        write!(out, "\n   {} {}", styled(FAINT, "why:"), printable(why))?;
        for hint in explained.iter().flat_map(|explained| &explained.hints) {
            write!(out, "\n   {} {hint}", styled(FAINT, "hint:"))?;
        }
    }
    match &record.forwarded {
        Some(Forwarded::Answered {
            status,
            body,
            elapsed,
        }) => {
            let style = if (200..300).contains(status) {
                GOOD
            } else {
                BAD
            };
            write!(
                out,
                "\n   {} {} {} {}",
                styled(FAINT, "forwarded:"),
                styled(style, status_text(*status)),
                styled(FAINT, format_args!("in {}", latency(*elapsed))),
                printable(body)
            )?;
        }
        Some(Forwarded::Failed { problem }) => {
            write!(
                out,
                "\n   {} {}",
                styled(BAD, "not forwarded:"),
                printable(problem)
            )?;
        }
        None => {}
    }
    match &record.saved {
        Some(Ok(path)) => write!(out, "\n   {} {}", styled(FAINT, "saved:"), path.display()),
        Some(Err(problem)) => write!(out, "\n   {} {problem}", styled(BAD, "not saved:")),
        None => Ok(()),
    }
}
