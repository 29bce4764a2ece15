use serde_json::{Value, json};

use super::delivery::Prepared;
use crate::exit::{Exit, Failure};
use crate::http::{Answer, status_text};
use crate::output::{BAD, FAINT, GOOD, Output, styled};
use crate::text::{self, latency, printable_lines};

/// Which status is a success.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected(pub(super) Option<u16>);

impl Expected {
    pub(super) fn met_by(self, status: u16) -> bool {
        match self.0 {
            Some(expected) => status == expected,
            None => (200..300).contains(&status),
        }
    }

    pub(super) fn exit(self, status: u16) -> Exit {
        match self.met_by(status) {
            true => Exit::Success,
            false => Exit::No,
        }
    }
}

pub(super) fn show(
    answer: &Answer,
    prepared: &Prepared,
    expected: &Expected,
    output: &Output,
) -> Result<(), Failure> {
    let (event, task_id) = label(&prepared.body);
    let status = answer.status.as_u16();
    if output.is_json() {
        return output.json(&json!({
            "status": status,
            "as_expected": expected.met_by(status),
            "body": String::from_utf8_lossy(&answer.body),
            "duration_ms": answer.elapsed.as_secs_f64() * 1e3,
            "event": event,
            "task_id": task_id,
        }));
    }
    let what = text::label(event.as_deref(), task_id.as_deref());
    output.note(styled(FAINT, format_args!("sent {what}")));
    let style = if expected.met_by(status) { GOOD } else { BAD };
    output.line(format_args!(
        "{} {}",
        styled(style, status_text(status)),
        styled(FAINT, format_args!("in {}", latency(answer.elapsed))),
    ))?;
    if !answer.body.is_empty() {
        output.line(printable_lines(&String::from_utf8_lossy(&answer.body)))?;
    }
    Ok(())
}

/// What a body says of its event and task, if it does. For people to recognise
/// a delivery by; nothing is verified.
pub(crate) fn label(body: &[u8]) -> (Option<String>, Option<String>) {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name| value.get(name).and_then(Value::as_str).map(str::to_owned);
    (text("event"), text("task_id"))
}
