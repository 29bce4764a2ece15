//! `verify` names the mistake that was made, for each that it knows, and none
//! for a forgery. What is right is computed here, by another implementation.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::support::sign::{mac, signature};
use crate::support::{Run, SECRET, nano_webhook};

const TIMESTAMP: &str = "1734948000";
const BODY: &str = r#"{"event":"job.completed","task_id":"task_é","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/a.png?x=1&y=2","credits_charged":6},"timestamp":"2024-12-23T10:00:00Z"}"#;

/// What is given to the program, and what it is to find.
struct Case {
    secret: String,
    timestamp: String,
    signature: String,
    body: Vec<u8>,
    now: String,
    more: Vec<String>,
    causes: Vec<&'static str>,
    code: &'static str,
}

/// A delivery as it should be, of which one thing is wrong then.
fn mistake(causes: &[&'static str]) -> Case {
    Case {
        secret: SECRET.to_owned(),
        timestamp: TIMESTAMP.to_owned(),
        signature: signature(SECRET, TIMESTAMP, BODY),
        body: BODY.as_bytes().to_vec(),
        now: TIMESTAMP.to_owned(),
        more: Vec::new(),
        causes: causes.to_vec(),
        code: "signature_mismatch",
    }
}

impl Case {
    /// What the user has as the secret.
    fn given_secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = secret.into();
        self
    }

    /// What the sender has as the secret.
    fn key(mut self, key: impl AsRef<[u8]>) -> Self {
        self.signature = signature(key, TIMESTAMP, BODY);
        self
    }

    fn given_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn signed_body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.signature = signature(SECRET, TIMESTAMP, body);
        self
    }

    fn signed_message(mut self, message: impl AsRef<[u8]>) -> Self {
        self.signature = format!("v1={}", mac(SECRET, message));
        self
    }

    fn signed_timestamp(mut self, timestamp: &str) -> Self {
        self.signature = signature(SECRET, timestamp, BODY);
        self
    }

    fn given_timestamp(mut self, timestamp: &str) -> Self {
        self.timestamp = timestamp.to_owned();
        self
    }

    /// Timestamp and signature agree.
    fn timestamp(self, timestamp: &str) -> Self {
        self.given_timestamp(timestamp).signed_timestamp(timestamp)
    }

    fn signature(mut self, change: impl Fn(&str) -> String) -> Self {
        let digits = self.signature.strip_prefix("v1=").unwrap();
        self.signature = change(digits);
        self
    }

    fn now(mut self, now: &str) -> Self {
        self.now = now.to_owned();
        self
    }

    fn code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    fn run(&self, json: bool) -> Run {
        let folder = tempfile::tempdir().unwrap();
        let body = folder.path().join("body");
        std::fs::write(&body, &self.body).unwrap();
        let mut program = nano_webhook();
        program
            .env("NANO_WEBHOOK_SECRET", &self.secret)
            .args(["verify", "--now", &self.now, "--timestamp", &self.timestamp])
            .args(["--signature", &self.signature, "--body"])
            .arg(body)
            .args(&self.more);
        if json {
            program.arg("--json");
        }
        Run::of(&mut program)
    }
}

fn base64_body(body: &str) -> String {
    STANDARD.encode(body)
}

/// Changes the white space of a JSON text with `serde_json`, which keeps no
/// order of members, so only where that does not matter.
fn pretty(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

/// As Python's `json.dumps(json.loads(BODY))`.
fn python(text: &str) -> String {
    ascii(&text.replace(r#"":"#, r#"": "#).replace(r#","#, r#", "#))
}

fn ascii(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, character| {
        match character.is_ascii() {
            true => out.push(character),
            false => write!(out, "\\u{:04x}", u32::from(character)).unwrap(),
        }
        out
    })
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfeff]
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}

fn secrets() -> Vec<Case> {
    let hex_key = hex::encode(SECRET);
    vec![
        mistake(&["secret_trailing_newline"]).given_secret(format!("{SECRET}\n")),
        mistake(&["secret_trailing_newline"]).given_secret(format!("{SECRET}\r\n")),
        mistake(&["secret_missing_newline"]).key(format!("{SECRET}\n")),
        mistake(&["secret_missing_newline"]).key(format!("{SECRET}\r\n")),
        mistake(&["secret_surrounding_white_space"]).given_secret(format!(" {SECRET}\t")),
        mistake(&["secret_byte_order_mark"]).given_secret(format!("\u{feff}{SECRET}")),
        mistake(&["secret_quoted"]).given_secret(format!("\"{SECRET}\"")),
        mistake(&["secret_quoted"]).given_secret(format!("'{SECRET}'\n")),
        mistake(&["secret_missing_quotes"]).key(format!("\"{SECRET}\"")),
        mistake(&["secret_variable_name"]).given_secret(format!("NANO_WEBHOOK_SECRET={SECRET}")),
        mistake(&["secret_variable_name"]).given_secret(format!("export S=\"{SECRET}\"")),
        mistake(&["secret_is_hex"]).given_secret(&hex_key),
        mistake(&["secret_is_hex"]).given_secret(hex_key.to_uppercase()),
        mistake(&["secret_is_hex"]).given_secret(hex::encode(format!("{SECRET}\n"))),
        mistake(&["secret_is_base64"]).given_secret(STANDARD.encode(SECRET)),
        mistake(&["secret_is_base64"]).given_secret(STANDARD_NO_PAD.encode(SECRET)),
        mistake(&["secret_is_base64"])
            .given_secret(URL_SAFE.encode("~~~???>>>ÿ"))
            .key("~~~???>>>ÿ"),
        mistake(&["secret_is_base64"]).given_secret(STANDARD.encode(format!("{SECRET}\n"))),
        mistake(&["secret_decoded_from_hex"]).key(&hex_key),
        mistake(&["secret_decoded_from_hex"]).key(hex_key.to_uppercase()),
        mistake(&["secret_decoded_from_base64"]).key(STANDARD.encode(SECRET)),
        mistake(&["secret_decoded_from_base64"]).key(URL_SAFE_NO_PAD.encode(SECRET)),
        mistake(&["secret_prefix"]).given_secret(format!("whsec_{SECRET}")),
        mistake(&["secret_prefix"]).key(format!("whsec_{SECRET}")),
        mistake(&["secret_letter_case"]).given_secret(SECRET.to_uppercase()),
        mistake(&["secret_empty_at_sender"]).key(""),
        mistake(&["secret_placeholder"]).key("undefined"),
        mistake(&["secret_placeholder"]).key("your-secret-key"),
    ]
}

fn bodies() -> Vec<Case> {
    let latin1: Vec<u8> = BODY
        .chars()
        .map(|character| u8::try_from(character).unwrap())
        .collect();
    let mojibake: String = BODY.bytes().map(char::from).collect();
    let alphabetical = serde_json::from_str::<Value>(BODY).unwrap().to_string();
    let lines = BODY.replace(',', ",\n");
    vec![
        mistake(&["body_newline_added"]).given_body(format!("{BODY}\n")),
        mistake(&["body_newline_added"]).given_body(format!("{BODY}\r\n")),
        mistake(&["body_newline_removed"]).signed_body(format!("{BODY}\n")),
        mistake(&["body_newline_removed"]).signed_body(format!("{BODY}\r\n")),
        mistake(&["body_surrounding_white_space"]).given_body(format!(" {BODY} ")),
        mistake(&["body_byte_order_mark"]).given_body(format!("\u{feff}{BODY}")),
        mistake(&["body_byte_order_mark"]).signed_body(format!("\u{feff}{BODY}")),
        mistake(&["body_line_endings"])
            .given_body(lines.replace('\n', "\r\n"))
            .signed_body(&lines),
        mistake(&["body_line_endings"])
            .given_body(lines.as_str())
            .signed_body(lines.replace('\n', "\r\n")),
        // Re-indented on its way, and what was indented made compact.
        mistake(&["body_white_space"])
            .given_body(pretty(&alphabetical))
            .signed_body(&alphabetical),
        mistake(&["body_white_space"]).given_body(format!("{}\n", BODY.replace(',', " ,\t"))),
        mistake(&["body_white_space"])
            .given_body(alphabetical.as_str())
            .signed_body(pretty(&alphabetical)),
        mistake(&["body_white_space"])
            .signed_body(BODY.replace(r#"":"#, r#"": "#).replace(',', ", ")),
        mistake(&["body_unicode_escapes"]).given_body(ascii(BODY)),
        mistake(&["body_unicode_escapes"]).given_body(BODY.replace('/', "\\/")),
        mistake(&["body_unicode_escapes"]).given_body(BODY.replace('&', "\\u0026")),
        mistake(&["body_unicode_escapes"]).signed_body(ascii(BODY)),
        mistake(&["body_unicode_escapes"]).signed_body(ascii(BODY).replace("\\u00e9", "\\u00E9")),
        mistake(&["body_unicode_escapes"]).signed_body(ascii(BODY).replace('/', "\\/")),
        mistake(&["body_unicode_escapes"]).signed_body(BODY.replace('&', "\\u0026")),
        mistake(&["body_member_order"]).given_body(alphabetical.as_str()),
        mistake(&["body_member_order"]).given_body(pretty(&alphabetical)),
        mistake(&["body_member_order"]).signed_body(&alphabetical),
        mistake(&["body_reserialized"]).given_body(python(BODY)),
        mistake(&["body_reserialized"]).signed_body(python(BODY)),
        mistake(&["body_reserialized"])
            .given_body(BODY.replace(":6", ": 6.0"))
            .signed_body(BODY),
        mistake(&["body_encoding"]).given_body(latin1.clone()),
        mistake(&["body_encoding"]).signed_body(&latin1),
        mistake(&["body_encoding"]).given_body(mojibake),
        mistake(&["body_encoding"]).given_body(utf16(BODY)),
        mistake(&["body_encoding"]).given_body(utf16(&format!("{BODY}\r\n"))),
        mistake(&["body_json_string"]).given_body(Value::from(BODY).to_string()),
        mistake(&["body_base64"]).given_body(base64_body(BODY)),
        mistake(&["body_quoted"]).given_body(format!("'{BODY}'")),
        mistake(&["body_empty_at_sender"]).signed_body(""),
    ]
}

fn messages() -> Vec<Case> {
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
        mistake(&["timestamp_of_body"])
            .given_timestamp("1734948007")
            .signed_timestamp("2024-12-23T10:00:00Z"),
        mistake(&["timestamp_of_body"])
            .given_timestamp("1734948007")
            .signed_timestamp("1734948000"),
        mistake(&["timestamp_format"]).signed_timestamp("2024-12-23T10:00:00.000Z"),
        mistake(&["timestamp_format"]).given_timestamp("01734948000"),
        mistake(&["timestamp_of_another_delivery"])
            .given_timestamp("1734948123")
            .signed_timestamp("1734948100"),
        mistake(&["timestamp_of_another_delivery"]).signed_timestamp("1734988000"),
    ]
}

fn forms() -> Vec<Case> {
    let malformed = |cause| mistake(&[cause]).code("malformed_signature");
    vec![
        malformed("signature_upper_case").signature(|mac| format!("v1={}", mac.to_uppercase())),
        malformed("signature_prefix").signature(str::to_owned),
        malformed("signature_prefix").signature(|mac| format!("sha256={mac}")),
        malformed("signature_prefix").signature(|mac| format!("v1:{mac}")),
        malformed("signature_prefix").signature(|mac| format!("V1={mac}")),
        malformed("signature_prefix").signature(|mac| format!("SHA2-256(stdin)= {mac}")),
        malformed("signature_list").signature(|mac| format!("t={TIMESTAMP},v1={mac},v0=00")),
        malformed("signature_base64")
            .signature(|mac| format!("v1={}", STANDARD.encode(hex::decode(mac).unwrap()))),
        malformed("signature_base64")
            .signature(|mac| URL_SAFE_NO_PAD.encode(hex::decode(mac).unwrap())),
        malformed("signature_surrounded").signature(|mac| format!("\"v1={mac}\"")),
        malformed("signature_surrounded").signature(|mac| format!(" v1={mac}\n")),
        malformed("signature_truncated").signature(|mac| format!("v1={}", mac.get(..40).unwrap())),
        malformed("signature_malformed").signature(|mac| format!("v1={mac}{mac}")),
        malformed("signature_malformed").signature(|_| "v1=".to_owned()),
        malformed("signature_malformed").signature(|_| "none".to_owned()),
    ]
}

fn times() -> Vec<Case> {
    let out = |cause| mistake(&[cause]).code("timestamp_out_of_tolerance");
    vec![
        out("stale").now("1734948301"),
        out("stale").now("2024-12-23T11:00:00Z"),
        out("ahead").now("1734947699"),
        out("stale").timestamp("1734948000000").now("1734948300001"),
        out("timestamp_precision").timestamp("1734948000000000"),
        out("timestamp_precision").timestamp("1734948000000000000"),
        mistake(&["timestamp_malformed"])
            .timestamp("2024-12-23T10:00:00Z")
            .code("malformed_timestamp"),
        mistake(&["timestamp_malformed"])
            .timestamp("1734948000.25")
            .code("malformed_timestamp"),
        mistake(&["timestamp_malformed"])
            .timestamp("-1")
            .code("malformed_timestamp"),
    ]
}

fn pairs() -> Vec<Case> {
    vec![
        mistake(&["secret_trailing_newline", "body_newline_added"])
            .given_secret(format!("{SECRET}\n"))
            .given_body(format!("{BODY}\n")),
        mistake(&["secret_is_base64", "timestamp_unit"])
            .given_secret(STANDARD.encode(SECRET))
            .signed_timestamp("1734948000000"),
        mistake(&["timestamp_not_signed", "body_unicode_escapes"])
            .given_body(ascii(BODY))
            .signed_message(BODY),
        mistake(&["secret_missing_newline", "signature_prefix"])
            .key(format!("{SECRET}\n"))
            .signature(|mac| format!("sha256={mac}"))
            .code("malformed_signature"),
        mistake(&["body_newline_added", "stale"])
            .given_body(format!("{BODY}\n"))
            .now("1734949000")
            .code("timestamp_out_of_tolerance"),
        mistake(&["signature_upper_case", "timestamp_malformed"])
            .timestamp("now")
            .signature(|mac| format!("v1={}", mac.to_uppercase()))
            .code("malformed_timestamp"),
    ]
}

fn others() -> Vec<Case> {
    let mut too_large = mistake(&["body_too_large"]).code("body_too_large");
    too_large.more = vec!["--max-body".to_owned(), "100".to_owned()];
    vec![
        mistake(&["invalid_event"])
            .given_body("[]")
            .signed_body("[]")
            .code("invalid_event"),
        too_large,
    ]
}

#[test]
fn each_mistake_is_named() {
    let cases = [
        secrets(),
        bodies(),
        messages(),
        forms(),
        times(),
        pairs(),
        others(),
    ];
    let mut wrong = Vec::new();
    for (position, case) in cases.iter().flatten().enumerate() {
        let run = case.run(true);
        let found = run.json();
        let expected = Value::from(case.causes.clone());
        if run.code != 1
            || found["verified"] != false
            || found["causes"] != expected
            || found["cause"] != case.causes[0]
            || found["code"] != case.code
        {
            wrong.push(format!("{position}: {:?}: {found}", case.causes));
        }
        check_explanation(case, &run, found["explanation"].as_str().unwrap());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One sentence, and no secret and no right signature in it.
fn check_explanation(case: &Case, run: &Run, explanation: &str) {
    assert!(explanation.ends_with('.'), "{explanation}");
    assert!(!explanation.contains(". "), "{explanation}");
    assert!(
        explanation.chars().next().unwrap().is_uppercase(),
        "{explanation}"
    );
    let shown = format!("{}{}", run.stdout, run.stderr);
    let right = mac(SECRET, format!("{TIMESTAMP}.{BODY}"));
    for secret in [SECRET, case.secret.trim(), &right] {
        assert!(!shown.contains(secret), "{shown}");
    }
    for length in [16, 32, 64] {
        let hex = shown
            .split(|character: char| !character.is_ascii_hexdigit())
            .any(|run| run.len() >= length);
        assert!(!hex, "something like a MAC: {shown}");
    }
}

/// The table above has a row for every cause that the program knows.
#[test]
fn every_cause_is_tried() {
    let sources = [
        include_str!("../../src/commands/verify/causes/body.rs"),
        include_str!("../../src/commands/verify/causes/message.rs"),
        include_str!("../../src/commands/verify/causes/secret.rs"),
    ];
    let cases = [secrets(), bodies(), messages()];
    let tried: Vec<_> = cases
        .iter()
        .flatten()
        .flat_map(|case| &case.causes)
        .collect();
    let mut count = 0;
    let readme = include_str!("../../README.md");
    for code in sources
        .iter()
        .flat_map(|source| source.split("code: \"").skip(1))
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(tried.contains(&&code), "{code} has no row");
        count += 1;
    }
    assert!(count > 30, "{count}");
    let cases = [
        secrets(),
        bodies(),
        messages(),
        forms(),
        times(),
        pairs(),
        others(),
    ];
    for code in cases.iter().flatten().flat_map(|case| &case.causes) {
        assert!(
            readme.contains(&format!("`{code}`")),
            "the README does not name {code}"
        );
    }
}

#[test]
fn a_forgery_has_no_cause() {
    let forged = |signature: String| Case {
        signature,
        causes: Vec::new(),
        ..mistake(&[])
    };
    let other_secret = signature("another secret, that nobody has here", TIMESTAMP, BODY);
    let changed = BODY.replace(":6", ":7");
    for case in [
        forged(other_secret),
        forged(format!("v1={}", "0".repeat(64))),
        forged(signature(SECRET, TIMESTAMP, &changed)),
        forged(signature(SECRET, TIMESTAMP, BODY)).given_body(changed),
        forged(signature(SECRET, TIMESTAMP, BODY)).given_secret("another secret, that nobody has"),
        // Further off than anything that is tried.
        forged(signature(SECRET, "1737000000", BODY)),
        // Its form is wrong as well, but that is not why it does not match.
        forged(format!("sha256={}", "a".repeat(64))).code("malformed_signature"),
        forged(format!("v1={}", "0".repeat(64)))
            .now("1734949000")
            .code("timestamp_out_of_tolerance"),
    ] {
        let run = case.run(true);
        let found = run.json();
        assert_eq!(run.code, 1);
        assert_eq!(found["verified"], false);
        assert_eq!(found["code"], case.code, "{found}");
        assert_eq!(found["cause"], Value::Null, "{found}");
        assert_eq!(found["causes"], Value::Array(Vec::new()), "{found}");
        let explanation = found["explanation"].as_str().unwrap();
        assert!(explanation.contains("forgery"), "{found}");
        check_explanation(&case, &run, explanation);
    }
}

#[test]
fn what_is_right_is_verified() {
    for (case, signed_at) in [
        (mistake(&[]), 1_734_948_000_000_u64),
        (mistake(&[]).now("1734948300"), 1_734_948_000_000),
        (mistake(&[]).timestamp("1734948000123"), 1_734_948_000_123),
        (mistake(&[]).timestamp("0001734948000"), 1_734_948_000_000),
    ] {
        let run = case.run(true);
        let found = run.json();
        assert_eq!(run.code, 0, "{found}");
        assert_eq!(found["verified"], true);
        assert_eq!(found["cause"], Value::Null);
        assert_eq!(found["event"], "job.completed");
        assert_eq!(found["task_id"], "task_é");
        assert_eq!(found["signed_at_ms"], signed_at);
        assert_eq!(found["matched_secret"], "current");
    }
    let run = mistake(&[]).now("1734948012").run(false);
    assert_eq!(
        run.stdout,
        "verified job.completed task_é, signed 12.0 s ago, with the current secret\n"
    );
}

#[test]
fn text_for_people() {
    let run = mistake(&[]).given_body(format!("{BODY}\n")).run(false);
    assert_eq!(run.code, 1);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[0], "not verified (signature_mismatch)");
    assert!(
        lines[1].starts_with("The body has a newline at its end"),
        "{run:?}"
    );
    assert_eq!(lines.len(), 2);
    // Piped, so without colours.
    assert!(!run.stdout.contains('\u{1b}'));
}

#[test]
fn previous_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let with = |case: Case, paths: &[&String]| Case {
        more: paths
            .iter()
            .flat_map(|path| ["--previous-secret-file".to_owned(), (*path).clone()])
            .collect(),
        ..case
    };
    let old = file("old", "the old secret, long enough\n");
    let older = file("older", "an even older one, long enough\n");
    let padded = file("padded", "the old secret, long enough\n\n");

    // A receiver that has it as a previous secret accepts it.
    let run = with(
        mistake(&[]).key("the old secret, long enough"),
        &[&older, &old],
    )
    .run(true);
    let found = run.json();
    assert_eq!(run.code, 0, "{found}");
    assert_eq!(found["matched_secret"], "previous");
    assert_eq!(found["cause"], "previous_secret");
    assert!(
        found["explanation"]
            .as_str()
            .unwrap()
            .contains("previous secret 2")
    );

    let run = with(mistake(&[]).key("the old secret, long enough"), &[&padded]).run(true);
    let found = run.json();
    assert_eq!(run.code, 1, "{found}");
    assert_eq!(found["cause"], "secret_trailing_newline");
    let explanation = found["explanation"].as_str().unwrap();
    assert!(
        explanation.starts_with("Previous secret 1 was given"),
        "{explanation}"
    );
}

#[test]
fn headers_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let right = signature(SECRET, TIMESTAMP, BODY);
    let headers = folder.path().join("headers");
    let mut checks = vec![
        (
            format!("X-Nano-Timestamp: {TIMESTAMP}\nX-Nano-Signature: {right}\n"),
            None,
        ),
        (
            format!(
                "POST / HTTP/1.1\r\nHost: a\r\nx-nano-signature: {right}\r\nx-nano-timestamp: {TIMESTAMP}\r\n\r\n"
            ),
            None,
        ),
        (
            format!(
                r#"{{"headers":[["x-nano-timestamp","{TIMESTAMP}"],["x-nano-signature","{right}"]]}}"#
            ),
            None,
        ),
        (
            format!("X-Nano-Timestamp: {TIMESTAMP}\n"),
            Some("missing_header"),
        ),
        (
            format!(
                "X-Nano-Timestamp: {TIMESTAMP}\nX-Nano-Timestamp: {TIMESTAMP}\nX-Nano-Signature: {right}\n"
            ),
            Some("duplicate_header"),
        ),
        (
            format!("X-Nano-Timestamp: {TIMESTAMP}\nHTTP_X_NANO_SIGNATURE: {right}\n"),
            Some("header_renamed"),
        ),
        (
            format!(
                "X-Nano-Timestamp: {TIMESTAMP}\nX-Nano-Signature: {right}\nContent-Encoding: gzip\n"
            ),
            Some("content_encoding"),
        ),
    ];
    for (content, cause) in checks.drain(..) {
        std::fs::write(&headers, &content).unwrap();
        let run = Run::of(
            nano_webhook()
                .args([
                    "--json",
                    "verify",
                    "--body",
                    "-",
                    "--now",
                    TIMESTAMP,
                    "--headers",
                ])
                .arg(&headers)
                .write_stdin(BODY),
        );
        let found = run.json();
        assert_eq!(run.code, i32::from(cause.is_some()), "{content}: {found}");
        assert_eq!(found["cause"].as_str(), cause, "{content}: {found}");
    }
}

#[test]
fn a_receiver_that_accepts_reserialized_bodies() {
    let mut case = mistake(&[]).given_body(BODY.replace(',', ", "));
    assert_eq!(case.run(true).code, 1);
    case.more = vec!["--accept-reserialized".to_owned()];
    assert_eq!(case.run(true).code, 0);
}

/// Worth a look, but not proved: so no cause.
#[test]
fn hints() {
    let forged = || mistake(&[]).signature(|_| format!("v1={}", "1".repeat(64)));
    for (case, hint) in [
        (forged().given_body(""), "empty"),
        (forged().given_body("{\"a\":\"\u{fffd}\"}"), "U+FFFD"),
        (forged().given_body(b"\x1f\x8b\x08".to_vec()), "gzip"),
        (
            forged().given_secret(hex::encode([0xff; 32])),
            "hex or base64",
        ),
        (
            forged().given_secret("uS/9yZk3P1x0S2FhY2VkZWZnaGlqa2xtbm9wcXJzdHU="),
            "hex or base64",
        ),
    ] {
        let found = case.run(true).json();
        assert_eq!(found["cause"], Value::Null, "{found}");
        assert!(found["hints"].to_string().contains(hint), "{hint}: {found}");
    }
    let found = forged().run(true).json();
    assert_eq!(found["hints"], Value::Array(Vec::new()), "{found}");
}

/// A time zone, rather than a clock that is a bit off.
#[test]
fn whole_hours_are_called_a_time_zone() {
    for (now, is_zone) in [
        ("1734951601", true),
        ("1734948000", false),
        ("1734950000", false),
        ("1734928200", true),
    ] {
        let run = mistake(&[]).now(now).run(true);
        let explained = run.json()["explanation"].to_string().contains("time zone");
        assert_eq!(explained, is_zone, "{now}");
    }
}

/// However large the body, the answer comes, and says that not all was tried.
#[test]
fn large_bodies() {
    let body = format!(r#"{{"event":"a","pad":"{}"}}"#, "x".repeat(300_000));
    let mut case = mistake(&[])
        .given_body(format!("{body}\n"))
        .signed_body(&body);
    case.more = vec!["--max-body".to_owned(), "10000000".to_owned()];
    assert_eq!(case.run(true).json()["cause"], "body_newline_added");
    case.signature = format!("v1={}", "0".repeat(64));
    let found = case.run(true).json();
    assert_eq!(found["cause"], Value::Null);
    assert!(
        found["hints"]
            .to_string()
            .contains("not everything was tried"),
        "{found}"
    );
}
