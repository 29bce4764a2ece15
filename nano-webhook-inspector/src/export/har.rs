use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::record::{Answer, Record};
use crate::view::text_headers;

/// HTTP Archive 1.2. Members that begin with `_` are not in its specification.
pub(super) fn archive(records: &[Arc<Record>], receiver: &str) -> Value {
    let entries = records.iter().map(|record| entry(record, receiver));
    let entries: Vec<_> = entries.collect();
    json!({ "log": {
        "version": "1.2",
        "creator": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "entries": entries,
    }})
}

fn entry(record: &Record, receiver: &str) -> Value {
    let took = record.took.map_or(0.0, |took| took.as_secs_f64() * 1e3);
    let answer = record.answer.clone().unwrap_or_default();
    json!({
        "startedDateTime": date(record.received_at.as_millis()),
        "time": took,
        "request": {
            "method": record.method,
            "url": format!("{receiver}{}", record.path),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(&record.headers),
            "queryString": [],
            "postData": content(&record.headers, &record.body, "_encoding"),
            "headersSize": -1,
            "bodySize": record.body.len(),
        },
        "response": response(&answer),
        "cache": {},
        "timings": { "send": 0, "wait": took, "receive": 0 },
        "_delivery": record.summary(),
    })
}

fn response(answer: &Answer) -> Value {
    let status = axum::http::StatusCode::from_u16(answer.status).ok();
    let mut content = content(&answer.headers, &answer.body, "encoding");
    if let Some(content) = content.as_object_mut() {
        content.insert("size".to_owned(), answer.body.len().into());
    }
    json!({
        "status": answer.status,
        "statusText": status.and_then(|status| status.canonical_reason()).unwrap_or_default(),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(&answer.headers),
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": answer.body.len(),
    })
}

/// A body that is not text is written in Base64, and says so in a member of this name.
fn content(headers: &[(String, Vec<u8>)], body: &[u8], encoding: &str) -> Value {
    let is_type = |(name, _): &&(String, Vec<u8>)| name.eq_ignore_ascii_case("content-type");
    let value = headers.iter().find(is_type).map(|(_, value)| value);
    let mime_type = value.map_or_else(Default::default, |value| String::from_utf8_lossy(value));
    match std::str::from_utf8(body) {
        Ok(text) => json!({ "mimeType": mime_type, "text": text }),
        Err(_) => {
            json!({ "mimeType": mime_type, "text": STANDARD.encode(body), encoding: "base64" })
        }
    }
}

fn pairs(headers: &[(String, Vec<u8>)]) -> Vec<Value> {
    let pair = |(name, value)| json!({ "name": name, "value": value });
    text_headers(headers).into_iter().map(pair).collect()
}

fn date(unix_ms: u64) -> String {
    let date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(unix_ms) * 1_000_000).ok();
    let text = date.and_then(|date| date.format(&Rfc3339).ok());
    text.unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned())
}
