//! The message, the form of the signature, the time, and several mistakes at once.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::read::GzEncoder;
use serde_json::Value;

use super::bodies::{ascii, compressed};
use super::case::{BODY, Case, TIMESTAMP, mistake};
use crate::support::SECRET;

#[rustfmt::skip]
pub(super) fn messages() -> Vec<Case> {
    vec![
        mistake(&["timestamp_unit"]).signed_timestamp("1734948000000"),
        mistake(&["timestamp_unit"]).signed_timestamp("1734948000123"),
        mistake(&["timestamp_unit"]).given_timestamp("1734948000123"),
        mistake(&["timestamp_not_signed"]).signed_message(BODY),
        mistake(&["separator_missing"]).signed_message(format!("{TIMESTAMP}{BODY}")),
        mistake(&["separator_wrong"]).signed_message(format!("{TIMESTAMP}:{BODY}")),
        mistake(&["separator_wrong"]).signed_message(format!("{TIMESTAMP}\n{BODY}")),
        mistake(&["message_order"]).signed_message(format!("{BODY}.{TIMESTAMP}")),
        mistake(&["message_order"]).signed_message(format!("{BODY}{TIMESTAMP}")),
        mistake(&["message_of_another_scheme"]).signed_message(format!("v0:{TIMESTAMP}:{BODY}")),
        mistake(&["timestamp_of_signature", "signature_prefix"]).signed_timestamp("1734900000").signature(|mac| format!("t=1734900000,v1={mac}")).code("malformed_signature"),
        mistake(&["timestamp_of_body"]).given_timestamp("1734948007").signed_timestamp("2024-12-23T10:00:00Z"),
        mistake(&["timestamp_of_body"]).given_timestamp("1734948007").signed_timestamp("1734948000"),
        mistake(&["timestamp_format"]).signed_timestamp("2024-12-23T10:00:00.000Z"),
        mistake(&["timestamp_format"]).given_timestamp("01734948000"),
        mistake(&["timestamp_of_another_delivery"]).given_timestamp("1734948123").signed_timestamp("1734948100"),
        mistake(&["timestamp_of_another_delivery"]).signed_timestamp("1734988000"),
    ]
}

#[rustfmt::skip]
pub(super) fn forms() -> Vec<Case> {
    let malformed = |cause| mistake(&[cause]).code("malformed_signature");
    vec![
        malformed("signature_upper_case").signature(|mac| format!("v1={}", mac.to_uppercase())),
        malformed("signature_prefix").signature(str::to_owned),
        malformed("signature_prefix").signature(|mac| format!("sha256={mac}")),
        malformed("signature_prefix").signature(|mac| format!("v1:{mac}")),
        malformed("signature_prefix").signature(|mac| format!("V1={mac}")),
        malformed("signature_prefix").signature(|mac| format!("SHA2-256(stdin)= {mac}")),
        malformed("signature_list").signature(|mac| format!("t={TIMESTAMP},v1={mac},v0=00")),
        malformed("signature_base64").signature(|mac| format!("v1={}", STANDARD.encode(hex::decode(mac).unwrap()))),
        malformed("signature_base64").signature(|mac| URL_SAFE_NO_PAD.encode(hex::decode(mac).unwrap())),
        malformed("signature_surrounded").signature(|mac| format!("\"v1={mac}\"")),
        malformed("signature_surrounded").signature(|mac| format!(" v1={mac}\n")),
        malformed("signature_truncated").signature(|mac| format!("v1={}", mac.get(..40).unwrap())),
        malformed("signature_malformed").signature(|mac| format!("v1={mac}{mac}")),
        malformed("signature_malformed").signature(|mac| format!("sha1={}", mac.get(..40).unwrap())),
        malformed("signature_malformed").signature(|_| "v1=".to_owned()),
        malformed("signature_malformed").signature(|_| "none".to_owned()),
    ]
}

#[rustfmt::skip]
pub(super) fn times() -> Vec<Case> {
    let out = |cause| mistake(&[cause]).code("timestamp_out_of_tolerance");
    vec![
        out("stale").now("1734948301"),
        out("stale").now("2024-12-23T11:00:00Z"),
        out("ahead").now("1734947699"),
        out("stale").timestamp("1734948000000").now("1734948300001"),
        out("timestamp_precision").timestamp("1734948000000000"),
        out("timestamp_precision").timestamp("1734948000000000000"),
        mistake(&["timestamp_malformed"]).timestamp("2024-12-23T10:00:00Z").code("malformed_timestamp"),
        mistake(&["timestamp_malformed"]).timestamp("1734948000.25").code("malformed_timestamp"),
        mistake(&["timestamp_malformed"]).timestamp("-1").code("malformed_timestamp"),
    ]
}

#[rustfmt::skip]
pub(super) fn pairs() -> Vec<Case> {
    let gzip = compressed(GzEncoder::new(BODY.as_bytes(), Compression::best()));
    let event = format!(
        r#"{{"body":"{}","isBase64Encoded":true}}"#,
        STANDARD.encode(gzip)
    );
    let notification = Value::from(format!(r#"{{"Message":{}}}"#, Value::from(BODY))).to_string();
    vec![
        mistake(&["body_in_envelope", "body_base64", "body_compressed"]).given_body(event),
        mistake(&["body_in_envelope", "body_in_envelope"]).given_body(format!(r#"{{"Records":[{{"body":{notification}}}]}}"#)),
        mistake(&["secret_structured", "secret_is_base64"]).given_secret(format!(r#"{{"secret":"{}"}}"#, STANDARD.encode(SECRET))),
        mistake(&["secret_trailing_newline", "body_newline_added"]).given_secret(format!("{SECRET}\n")).given_body(format!("{BODY}\n")),
        mistake(&["secret_is_base64", "timestamp_unit"]).given_secret(STANDARD.encode(SECRET)).signed_timestamp("1734948000000"),
        mistake(&["timestamp_not_signed", "body_unicode_escapes"]).given_body(ascii(BODY)).signed_message(BODY),
        mistake(&["secret_missing_newline", "signature_prefix"]).key(format!("{SECRET}\n")).signature(|mac| format!("sha256={mac}")).code("malformed_signature"),
        mistake(&["body_newline_added", "stale"]).given_body(format!("{BODY}\n")).now("1734949000").code("timestamp_out_of_tolerance"),
        mistake(&["signature_upper_case", "timestamp_malformed"]).timestamp("now").signature(|mac| format!("v1={}", mac.to_uppercase())).code("malformed_timestamp"),
    ]
}

#[rustfmt::skip]
pub(super) fn others() -> Vec<Case> {
    let mut too_large = mistake(&["body_too_large"]).code("body_too_large");
    too_large.more = vec!["--max-body".to_owned(), "100".to_owned()];
    vec![
        mistake(&["invalid_event"]).given_body("[]").signed_body("[]").code("invalid_event"),
        too_large,
    ]
}
