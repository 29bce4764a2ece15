//! One delivery in all detail.

use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nano_webhook_core::adapter::HeaderField;
use serde::Serialize;
use serde_json::{Value, json};

use crate::record::Record;

/// A body longer than this is not put into a command.
const LONGEST_ARGUMENT: usize = 32 * 1024;

/// A picture or a video that a verified delivery names.
#[derive(Serialize)]
pub(crate) struct Medium {
    n: usize,
    pub(crate) url: String,
    kind: &'static str,
}

pub(crate) fn detail(record: &Record, receiver: &str) -> Value {
    let mut detail = record.summary();
    let url = format!("{receiver}{}", record.path);
    let message = record.signed_header(HeaderField::Timestamp);
    let message = message.map(|timestamp| [timestamp, b".", &record.body].concat());
    let to = quoted(&url);
    let files = record.saved.as_ref().map(|body| {
        let file = |path: &Path| quoted(&path.display().to_string());
        let head = body.with_extension("json");
        format!("--body {} --headers {}", file(body), file(&head))
    });
    let send = match &files {
        Some(files) => format!("nano-webhook send {to} {files}"),
        None => format!("{} | nano-webhook send {to} --body -", print(record)),
    };
    let cause = record.cause.as_ref().map(|cause| {
        let command = files.map(|files| format!("nano-webhook verify {files}"));
        json!({ "title": cause.title, "findings": cause.findings, "command": command })
    });
    let more = json!({
        "method": record.method,
        "path": record.path,
        "headers": text_headers(&record.headers),
        "body_base64": STANDARD.encode(&record.body),
        "body_truncated": record.body_truncated,
        "signed_message_base64": message.map(|message| STANDARD.encode(message)),
        "cause": cause,
        "answer": record.answer.as_ref().map(|answer| json!({
            "status": answer.status,
            "headers": text_headers(&answer.headers),
            "body_base64": STANDARD.encode(&answer.body),
        })),
        "curl": curl(record, &to),
        "send": send,
        "media": Vec::from_iter(medium(record)),
    });
    if let (Value::Object(detail), Value::Object(more)) = (&mut detail, more) {
        detail.extend(more);
    }
    detail
}

/// What a verified delivery of a completed job names.
pub(crate) fn medium(record: &Record) -> Option<Medium> {
    if !record.is_verified() {
        return None;
    }
    let document: Value = serde_json::from_slice(&record.body).ok()?;
    let text = |pointer| document.pointer(pointer).and_then(Value::as_str);
    let url = text("/data/url").filter(|_| text("/event") == Some("job.completed"))?;
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let is_video =
        text("/task_type") == Some("video") || path.ends_with(".mp4") || path.ends_with(".webm");
    Some(Medium {
        n: 0,
        url: url.to_owned(),
        kind: if is_video { "video" } else { "image" },
    })
}

/// One character for each byte of a value.
pub(crate) fn text_headers(headers: &[(String, Vec<u8>)]) -> Vec<(&str, String)> {
    let latin1 = |value: &[u8]| value.iter().map(|byte| char::from(*byte)).collect();
    let pairs = headers.iter();
    pairs
        .map(|(name, value)| (name.as_str(), latin1(value)))
        .collect()
}

/// The reverse, for one value.
pub(crate) fn latin1_bytes(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect()
}

/// The same request. Headers of the connection are curl's own.
fn curl(record: &Record, to: &str) -> String {
    const OWN: [&str; 5] = [
        "connection",
        "content-length",
        "expect",
        "host",
        "transfer-encoding",
    ];
    let mut command = format!("{} | curl -X {} {to}", print(record), record.method);
    let mut has_type = false;
    for (name, value) in text_headers(&record.headers) {
        has_type |= name.eq_ignore_ascii_case("content-type");
        let is_own = OWN.iter().any(|own| name.eq_ignore_ascii_case(own));
        if !is_own && is_plain(&value) {
            // With a colon curl would drop a header without a value.
            let header = match value.is_empty() {
                true => format!("{name};"),
                false => format!("{name}: {value}"),
            };
            let _ = write!(command, " -H {}", quoted(&header));
        }
    }
    if !has_type {
        command.push_str(" -H 'Content-Type:'");
    }
    command.push_str(" --data-binary @-");
    command
}

/// A command that prints the body, byte for byte.
fn print(record: &Record) -> String {
    if record.body.len() > LONGEST_ARGUMENT {
        return format!("cat {:04}.body", record.id);
    }
    match std::str::from_utf8(&record.body) {
        Ok(text) if is_plain(text) => format!("printf %s {}", quoted(text)),
        _ => format!("printf %s {} | base64 -d", STANDARD.encode(&record.body)),
    }
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|character| matches!(character, ' '..='~'))
}

/// One word of a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
