//! What an answer must look like.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nano_webhook_test_kit::{Response, SignedRequest, oracle};
use serde_json::Value;

use crate::settings::Settings;
use crate::table::{Check, ensure, equal};

/// The HTTP contract's table, not taken from core, which it judges: a code, its status,
/// and whether it is answered before the whole body was read.
const CODES: [(&str, u16, bool); 17] = [
    ("method_not_allowed", 405, true),
    ("missing_header", 401, true),
    ("duplicate_header", 400, true),
    ("malformed_timestamp", 400, true),
    ("malformed_signature", 400, true),
    ("timestamp_out_of_tolerance", 401, true),
    ("signature_mismatch", 401, false),
    ("unsupported_content_encoding", 415, true),
    ("body_too_large", 413, true),
    ("body_timeout", 408, true),
    ("body_incomplete", 400, true),
    ("invalid_event", 422, false),
    ("in_progress", 503, false),
    ("store_unavailable", 503, false),
    ("parked", 503, false),
    ("handler_failed", 500, false),
    ("not_configured", 500, true),
];

pub(crate) fn has_status(answer: &Response, status: u16) -> Check {
    let (got, text) = (answer.status, shortened(&answer.text()));
    ensure(got == status, format!("got {got} {text}, not {status}"))
}

/// The handler saw this request's body, and answered 200 with the delivery in
/// the form of the vectors.
pub(crate) fn accepted(answer: &Response, request: &SignedRequest) -> Check {
    has_status(answer, 200)?;
    let sent: Value = serde_json::from_slice(&request.body).unwrap();
    let seen = answer.json();
    let same_body = seen["signed_body"] == STANDARD.encode(&request.body);
    let same = same_body && seen["event"]["task_id"] == sent["task_id"];
    let text = shortened(&answer.text());
    ensure(same, format!("the handler saw {text}"))
}

/// A problem document with this code, its status and its headers. Over HTTP/1, the server
/// says that it closes the connection where the body stays unread, and only there.
pub(crate) fn rejected(answer: &Response, code: &str) -> Check {
    let known = CODES.iter().find(|(known, ..)| *known == code);
    let (_, status, leaves_body) = known.unwrap_or_else(|| panic!("{code} is not in the contract"));
    let (got, text) = (answer.status, shortened(&answer.text()));
    let same = answer.code().as_deref() == Some(code);
    ensure(same, format!("got {got} {text}, not {code}"))?;
    has_status(answer, *status)?;
    // RFC 9457, section 3: the members, each of its type, and `status` as it was sent.
    let problem = answer.json();
    for member in ["type", "title", "code", "detail"] {
        let missing = problem[member].as_str().is_none_or(str::is_empty);
        ensure(!missing, format!("{problem} has no {member}"))?;
    }
    equal("status", &problem["status"], answer.status)?;
    let only_with = |status, value| (answer.status == status).then_some(value);
    has_header(answer, "content-type", Some("application/problem+json"))?;
    has_header(answer, "www-authenticate", only_with(401, "NanoSignature"))?;
    has_header(answer, "allow", only_with(405, "POST"))?;
    if answer.status == 503 {
        retry_after(answer)?;
    } else {
        has_header(answer, "retry-after", None)?;
    }
    let closes = *leaves_body && !answer.http2;
    equal("Connection: close", answer.closes(), closes)
}

fn has_header(answer: &Response, name: &str, value: Option<&str>) -> Check {
    let found: Vec<&str> = answer.all(name).collect();
    equal(name, &*found, value.as_slice())
}

/// Whole seconds, at least one.
pub(crate) fn retry_after(answer: &Response) -> Result<u64, String> {
    let values: Vec<&str> = answer.all("retry-after").collect();
    let seconds = match &*values {
        [value] => value.parse().ok().filter(|seconds| *seconds >= 1),
        _ => None,
    };
    seconds.ok_or(format!("{} with {values:?} as Retry-After", answer.status))
}

/// Neither a secret nor a MAC is in it: not the one that would have been right
/// for `request`, and in a rejection nothing that looks like one.
pub(crate) fn leaks_nothing(
    answer: &Response,
    settings: &Settings,
    request: Option<&SignedRequest>,
) -> Check {
    let mut text = answer.text();
    for (_, value) in &answer.headers {
        text.push('\n');
        text.push_str(value);
    }
    for secret in &settings.secrets {
        // A secret of a few characters is found in any text.
        let leaks = secret.len() >= 8 && text.contains(secret.as_str());
        ensure(!leaks, "the answer contains a secret")?;
        if let Some(request) = request {
            // Of every header: one of them is the timestamp.
            let mut values = request.headers.iter().map(|(_, value)| value);
            let mac = |value| oracle::mac::signature(secret, value, &request.body);
            let leaks = values.any(|value| text.contains(&mac(value)["v1=".len()..]));
            ensure(!leaks, "the answer contains the MAC of the request")?;
        }
    }
    let could_be_mac = |run: &[u8]| run.iter().all(|byte| b"0123456789abcdef".contains(byte));
    let leaks = answer.status >= 300 && text.as_bytes().windows(64).any(could_be_mac);
    ensure(!leaks, "the rejection contains what could be a MAC")
}

pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(300) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
