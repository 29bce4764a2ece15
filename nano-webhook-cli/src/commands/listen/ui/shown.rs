use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use nano_webhook_core::UnixTime;
use nano_webhook_inspector as inspector;

use super::super::record::{Record, Verdict};
use super::super::save::SavedHead;
use crate::headers::latin1_bytes;

/// A delivery as the page shows it.
pub(super) fn record(record: &Record, receiver: &str) -> inspector::Record {
    let mut shown = inspector::Record::new(record.id, record.received_at);
    shown.method.clone_from(&record.method);
    shown.path.clone_from(&record.path);
    shown.headers.clone_from(&record.headers);
    shown.set_body(record.body.bytes.clone());
    shown.body_truncated = !record.body.is_complete;
    shown.code = record.code().map(str::to_owned);
    shown.secret = record.matched_secret().map(str::to_owned);
    shown.duplicate_of = record.repeat_of;
    shown.note.clone_from(&record.note);
    shown.took = record.took;
    shown.answer = record.answer.as_ref().map(|answer| inspector::Answer {
        status: answer.status().as_u16(),
        headers: (answer.headers().iter())
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect(),
        body: answer.body().clone(),
    });
    if let Verdict::Rejected {
        error, explained, ..
    } = &record.verdict
    {
        shown.reason = Some(error.to_string());
        shown.cause = explained.as_ref().map(|found| inspector::Cause {
            title: found.explanation.clone(),
            findings: found.hints.clone(),
            command: None,
        });
    }
    let is_accepted = match record.verdict {
        Verdict::InProgress => None,
        Verdict::Accepted(_) => Some(true),
        Verdict::Rejected { .. } => Some(false),
    };
    if let Some(is_accepted) = is_accepted {
        judge(&mut shown, is_accepted);
    }
    if let Some(Ok(path)) = &record.saved {
        add_commands(&mut shown, path, receiver);
    }
    shown
}

/// A stored delivery as the page shows it.
pub(super) fn stored(
    id: u64,
    path: &Path,
    head: SavedHead,
    body: Vec<u8>,
    receiver: &str,
) -> inspector::Record {
    let mut shown = inspector::Record::new(id, UnixTime::from_millis(head.received_at_ms));
    shown.method = head.method;
    shown.path = head.path;
    shown.headers = (head.headers.into_iter())
        .filter_map(|(name, value)| Some((name, latin1_bytes(&value)?)))
        .collect();
    shown.set_body(Bytes::from(body));
    shown.body_truncated = !head.body_complete;
    shown.code = head.code;
    shown.reason = head.problem;
    shown.secret = head.matched_secret;
    shown.duplicate_of = head.repeat_of;
    shown.note = head.note;
    shown.took = (head.duration_ms).and_then(|ms| Duration::try_from_secs_f64(ms / 1e3).ok());
    shown.answer = head.status.map(|status| inspector::Answer {
        status,
        ..inspector::Answer::default()
    });
    shown.cause = head.explanation.map(|title| inspector::Cause {
        title,
        findings: head.hints,
        command: None,
    });
    judge(&mut shown, head.accepted);
    add_commands(&mut shown, path, receiver);
    shown
}

fn judge(shown: &mut inspector::Record, is_accepted: bool) {
    let status = shown.answer.as_ref().map_or(200, |answer| answer.status);
    shown.verdict = match (is_accepted, shown.duplicate_of) {
        (false, _) => inspector::Verdict::Rejected,
        (true, _) if !(200..300).contains(&status) => inspector::Verdict::Failed,
        (true, Some(_)) => inspector::Verdict::Duplicate,
        (true, None) => inspector::Verdict::Accepted,
    };
}

/// Commands that read the stored files.
fn add_commands(shown: &mut inspector::Record, body: &Path, receiver: &str) {
    let head = body.with_extension("json");
    let [url, body, head] = [
        format!("{receiver}{}", shown.path),
        body.display().to_string(),
        head.display().to_string(),
    ]
    .map(|text| format!("'{}'", text.replace('\'', r"'\''")));
    let files = format!("--body {body} --headers {head}");
    shown.send = Some(format!("nano-webhook send {url} {files}"));
    if let Some(cause) = &mut shown.cause {
        cause.command = Some(format!("nano-webhook verify {files}"));
    }
}
