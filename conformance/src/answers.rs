//! What an answer must look like.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nano_webhook_core::{Secret, Signer};
use serde_json::Value;

use crate::settings::Settings;
use crate::table::Check;
use nano_webhook_test_kit::Response;
use nano_webhook_test_kit::SignedRequest;

/// The HTTP contract's table, said once more: not taken from core, which it is to
/// judge.
const CODES: [(&str, u16); 17] = [
    ("method_not_allowed", 405),
    ("missing_header", 401),
    ("duplicate_header", 400),
    ("malformed_timestamp", 400),
    ("malformed_signature", 400),
    ("timestamp_out_of_tolerance", 401),
    ("signature_mismatch", 401),
    ("unsupported_content_encoding", 415),
    ("body_too_large", 413),
    ("body_timeout", 408),
    ("body_incomplete", 400),
    ("invalid_event", 422),
    ("in_progress", 503),
    ("store_unavailable", 503),
    ("parked", 503),
    ("handler_failed", 500),
    ("not_configured", 500),
];

pub(crate) fn status(code: &str) -> u16 {
    let known = CODES.iter().find(|(known, _)| *known == code);
    known
        .unwrap_or_else(|| panic!("{code} is not in the contract"))
        .1
}

/// Answered before the whole body was read.
pub(crate) fn leaves_body_unread(code: &str) -> bool {
    !matches!(
        code,
        "signature_mismatch"
            | "invalid_event"
            | "in_progress"
            | "store_unavailable"
            | "parked"
            | "handler_failed"
    )
}

pub(crate) fn has_status(answer: &Response, status: u16) -> Check {
    match answer.status == status {
        true => Ok(()),
        false => Err(format!(
            "got {} {}, not {status}",
            answer.status,
            shortened(&answer.text())
        )),
    }
}

/// The handler saw this request's body, and answered 200 with the delivery in
/// the form of the vectors.
pub(crate) fn accepted(answer: &Response, request: &SignedRequest) -> Check {
    has_status(answer, 200)?;
    let sent: Value = serde_json::from_slice(&request.body).unwrap();
    let seen = answer.json();
    if seen["signed_body"] != STANDARD.encode(&request.body) {
        return Err(format!(
            "the handler saw {}, not the body that was sent",
            shortened(&answer.text())
        ));
    }
    match seen["event"]["task_id"] == sent["task_id"] {
        true => Ok(()),
        false => Err(format!("the handler saw the event {}", seen["event"])),
    }
}

/// A problem document with this code, and all that goes with it.
pub(crate) fn refused(answer: &Response, code: &str) -> Check {
    if answer.code().as_deref() != Some(code) {
        return Err(format!(
            "got {} {}, not {code}",
            answer.status,
            shortened(&answer.text())
        ));
    }
    has_status(answer, status(code))?;
    is_problem(answer)?;
    expect_header(answer, "content-type", Some("application/problem+json"))?;
    let challenge = (answer.status == 401).then_some("NanoSignature");
    expect_header(answer, "www-authenticate", challenge)?;
    expect_header(answer, "allow", (answer.status == 405).then_some("POST"))?;
    if answer.status == 503 {
        retry_after(answer)?;
        return Ok(());
    }
    expect_header(answer, "retry-after", None)
}

/// RFC 9457, section 3: the members, each of its type, and `status` as it was
/// sent.
fn is_problem(answer: &Response) -> Check {
    let problem = answer.json();
    for member in ["type", "title", "code", "detail"] {
        if problem[member].as_str().is_none_or(str::is_empty) {
            return Err(format!("{problem} has no {member}"));
        }
    }
    match problem["status"] == answer.status {
        true => Ok(()),
        false => Err(format!("{problem} was sent with {}", answer.status)),
    }
}

fn expect_header(answer: &Response, name: &str, value: Option<&str>) -> Check {
    let found: Vec<&str> = answer.all(name).collect();
    match found == value.as_slice() {
        true => Ok(()),
        false => Err(format!(
            "{} with {found:?} as {name}, not {value:?}",
            answer.status
        )),
    }
}

/// Whole seconds, at least one.
pub(crate) fn retry_after(answer: &Response) -> Result<u64, String> {
    let values: Vec<&str> = answer.all("retry-after").collect();
    match &*values {
        [value] => match value.parse() {
            Ok(seconds) if seconds >= 1 => Ok(seconds),
            _ => Err(format!("Retry-After is {value:?}")),
        },
        _ => Err(format!("{} with {values:?} as Retry-After", answer.status)),
    }
}

/// Neither a secret nor a MAC is in it: not the one that would have been right
/// for `request`, and in a refusal nothing that looks like one.
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
    // A secret of a few characters is found in any text.
    let secrets = settings.secrets.iter().filter(|secret| secret.len() >= 8);
    for secret in secrets {
        if text.contains(secret.as_str()) {
            return Err("the answer contains a secret".to_owned());
        }
    }
    for mac in request
        .map(|request| macs(settings, request))
        .unwrap_or_default()
    {
        if text.contains(&mac) {
            return Err("the answer contains the MAC of the request".to_owned());
        }
    }
    let could_be_mac = |run: &[u8]| {
        run.iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    match answer.status >= 300 && text.as_bytes().windows(64).any(could_be_mac) {
        true => Err("the refusal contains what could be a MAC".to_owned()),
        false => Ok(()),
    }
}

/// The MACs of a request under each secret, in hex.
fn macs(settings: &Settings, request: &SignedRequest) -> Vec<String> {
    let timestamps = request
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("x-nano-timestamp"))
        .filter_map(|(_, value)| std::str::from_utf8(value).ok());
    let mut macs = Vec::new();
    for timestamp in timestamps {
        for secret in &settings.secrets {
            let signer = Signer::new(Secret::new(secret.as_str()).unwrap());
            let signed = signer.sign_with_timestamp(timestamp, &request.body);
            macs.push(signed.signature().trim_start_matches("v1=").to_owned());
        }
    }
    macs
}

/// For a message: nobody reads a quarter of a megabyte.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(300) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
