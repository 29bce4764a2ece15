use std::error::Error as StdError;
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderValue, Request};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use nano_webhook_core::{Secret, Signer, UnixTime};
use nano_webhook_fetch::ReachError;

use crate::attempt::{AttemptResult, Refusal};
use crate::http::{self, Http};

/// How much of an answer is read, in bytes, and kept, in characters.
const MAX_READ: usize = 4096;
const MAX_KEPT: usize = 300;

/// Makes one attempt, signed with the time at which it starts. Also returns the
/// wait that the receiver asks for.
pub(super) async fn send(
    http: &Http,
    url: &str,
    secret: &Secret,
    now: UnixTime,
    body: &Bytes,
) -> (AttemptResult, Option<Duration>) {
    let signed = Signer::new(secret.clone()).sign(now, body);
    let request = Request::post(url)
        .header(USER_AGENT, http::USER_AGENT)
        .header(CONTENT_TYPE, "application/json")
        .header("X-Nano-Timestamp", signed.timestamp())
        .header("X-Nano-Signature", sensitive(signed.signature()))
        .body(Full::new(body.clone()));
    let request = match request {
        Ok(request) => request,
        Err(error) => {
            let problem = error.to_string();
            return (AttemptResult::ConnectionFailed { problem }, None);
        }
    };
    let (head, body) = match http.request(request).await {
        Ok(response) => response.into_parts(),
        Err(error) => return (failure(&error), None),
    };
    let body = beginning(body).await;
    let result = AttemptResult::Answered {
        status: head.status.as_u16(),
        body: clean(&body, &[signed.signature(), secret.expose()]),
    };
    (result, retry_after(&head.headers))
}

/// A signature consists of hex digits, so it is always a header value.
fn sensitive(signature: &str) -> HeaderValue {
    let mut value =
        HeaderValue::from_str(signature).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

fn failure(error: &legacy::Error) -> AttemptResult {
    if let Some(ReachError::NotAllowed { .. }) = ReachError::find(error) {
        let reason = Refusal::NotLoopback;
        return AttemptResult::Refused { reason };
    }
    let what = match error.is_connect() {
        true => "cannot connect",
        false => "the connection closed early",
    };
    // The innermost source is the most specific one.
    let mut cause: &dyn StdError = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let problem = format!("{what}: {cause}");
    AttemptResult::ConnectionFailed { problem }
}

/// Seconds only, which is the form that receivers of this project use.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}

/// Reads the beginning of a body, or the part of it that arrived: the status is
/// known already.
async fn beginning(mut body: impl BodyExt<Data = Bytes> + Unpin) -> Vec<u8> {
    let mut read = Vec::new();
    while read.len() < MAX_READ {
        let Some(Ok(frame)) = body.frame().await else {
            break;
        };
        read.extend(frame.into_data().unwrap_or_default());
    }
    read.truncate(MAX_READ);
    read
}

/// One line without the signature and the secret, which a receiver may echo.
fn clean(body: &[u8], secrets: &[&str]) -> Option<String> {
    let mut text = String::from_utf8_lossy(body).into_owned();
    for secret in secrets {
        text = text.replace(secret, "[redacted]");
    }
    let text = text.replace(char::is_control, " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(MAX_KEPT).collect();
    Some(line).filter(|line| !line.is_empty())
}
