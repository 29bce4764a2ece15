//! Requests that are rejected by their heads.

use std::time::Duration;

use crate::settings::Settings;
use nano_webhook_test_kit::SignedRequest;

const TIMESTAMP: &str = "x-nano-timestamp";
const SIGNATURE: &str = "x-nano-signature";

/// A name, a request, and the code.
pub(crate) type RejectedHead = (&'static str, SignedRequest, &'static str);

/// All of them would be accepted but for one thing. The first three have another method.
#[rustfmt::skip]
pub(crate) fn rejected_heads() -> Vec<RejectedHead> {
    let fine = || SignedRequest::for_task("early");
    let day = Duration::from_secs(86_400);
    let signed_at = |time| SignedRequest::signed(SignedRequest::SECRET, time, fine().body);
    let (timestamp, signature) = (fine().timestamp().to_owned(), fine().signature().to_owned());
    vec![
        ("a GET", fine().method("GET"), "method_not_allowed"),
        ("a PUT", fine().method("PUT"), "method_not_allowed"),
        ("another method, and nothing signed", fine().method("DELETE").without(TIMESTAMP).without(SIGNATURE), "method_not_allowed"),
        ("no timestamp", fine().without(TIMESTAMP), "missing_header"),
        ("no signature", fine().without(SIGNATURE), "missing_header"),
        ("neither", fine().without(TIMESTAMP).without(SIGNATURE), "missing_header"),
        ("two timestamps", fine().header(TIMESTAMP, &timestamp), "duplicate_header"),
        ("two signatures", fine().header(SIGNATURE, &signature), "duplicate_header"),
        ("two in one line", fine().with(SIGNATURE, &format!("{signature},{signature}")), "malformed_signature"),
        ("a timestamp in words", fine().with(TIMESTAMP, "today"), "malformed_timestamp"),
        ("an empty timestamp", fine().with(TIMESTAMP, ""), "malformed_timestamp"),
        ("a signature in upper case", fine().with(SIGNATURE, &signature.to_uppercase().replace('V', "v")), "malformed_signature"),
        ("a signature without v1=", fine().with(SIGNATURE, &signature.replace("v1=", "")), "malformed_signature"),
        ("a short signature", fine().with(SIGNATURE, &signature[..66]), "malformed_signature"),
        ("stale", signed_at(Settings::NOW.saturating_sub(day)), "timestamp_out_of_tolerance"),
        ("ahead", signed_at(Settings::NOW.saturating_add(day)), "timestamp_out_of_tolerance"),
        ("compressed", fine().header("content-encoding", "gzip"), "unsupported_content_encoding"),
    ]
}

/// Rejected only after all of it was read.
pub(crate) fn read_to_the_end() -> [RejectedHead; 2] {
    let forgery = SignedRequest::for_task("first").forged();
    [
        ("a forgery", forgery, "signature_mismatch"),
        (
            "what is not an event",
            SignedRequest::new("[]"),
            "invalid_event",
        ),
    ]
}
