//! Requests that are refused by their heads.

use std::time::Duration;

use crate::settings::Settings;
use nano_webhook_test_kit::SignedRequest;

const TIMESTAMP: &str = "x-nano-timestamp";
const SIGNATURE: &str = "x-nano-signature";

pub(crate) struct RefusedHead {
    pub(crate) name: &'static str,
    pub(crate) request: SignedRequest,
    pub(crate) code: &'static str,
}

/// All of them would be accepted but for one thing.
pub(crate) fn refused_heads() -> Vec<RefusedHead> {
    let fine = || SignedRequest::for_task("early");
    let day = Duration::from_secs(86_400);
    let body = fine().body;
    let stale = SignedRequest::signed(
        SignedRequest::SECRET,
        Settings::NOW.saturating_sub(day),
        body.clone(),
    );
    let ahead = SignedRequest::signed(
        SignedRequest::SECRET,
        Settings::NOW.saturating_add(day),
        body,
    );
    let value = |name: &str| {
        let fine = fine();
        let found = fine.headers.into_iter().find(|(header, _)| header == name);
        String::from_utf8(found.unwrap().1).unwrap()
    };
    let (timestamp, signature) = (value(TIMESTAMP), value(SIGNATURE));
    let rows = [
        ("a GET", fine().method("GET"), "method_not_allowed"),
        ("a PUT", fine().method("PUT"), "method_not_allowed"),
        (
            "another method, and nothing signed",
            fine()
                .method("DELETE")
                .without(TIMESTAMP)
                .without(SIGNATURE),
            "method_not_allowed",
        ),
        ("no timestamp", fine().without(TIMESTAMP), "missing_header"),
        ("no signature", fine().without(SIGNATURE), "missing_header"),
        (
            "neither",
            fine().without(TIMESTAMP).without(SIGNATURE),
            "missing_header",
        ),
        (
            "two timestamps",
            fine().header(TIMESTAMP, &timestamp),
            "duplicate_header",
        ),
        (
            "two signatures",
            fine().header(SIGNATURE, &signature),
            "duplicate_header",
        ),
        (
            "two in one line",
            fine().with(SIGNATURE, &format!("{signature},{signature}")),
            "malformed_signature",
        ),
        (
            "a timestamp in words",
            fine().with(TIMESTAMP, "today"),
            "malformed_timestamp",
        ),
        (
            "an empty timestamp",
            fine().with(TIMESTAMP, ""),
            "malformed_timestamp",
        ),
        (
            "a signature in upper case",
            fine().with(SIGNATURE, &signature.to_uppercase().replace('V', "v")),
            "malformed_signature",
        ),
        (
            "a signature without v1=",
            fine().with(SIGNATURE, &signature.replace("v1=", "")),
            "malformed_signature",
        ),
        (
            "a short signature",
            fine().with(SIGNATURE, &signature[..66]),
            "malformed_signature",
        ),
        ("stale", stale, "timestamp_out_of_tolerance"),
        ("ahead", ahead, "timestamp_out_of_tolerance"),
        (
            "compressed",
            fine().header("content-encoding", "gzip"),
            "unsupported_content_encoding",
        ),
    ];
    rows.into_iter()
        .map(|(name, request, code)| RefusedHead {
            name,
            request,
            code,
        })
        .collect()
}
