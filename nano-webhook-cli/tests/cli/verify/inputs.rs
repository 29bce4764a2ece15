//! Where the parts of a request come from, and the settings of the receiver.

use serde_json::Value;

use super::bodies::utf16;
use super::case::{BODY, Case, TIMESTAMP, mistake};
use crate::support::sign::signature;
use crate::support::{Run, SECRET, nano_webhook};

#[test]
#[rustfmt::skip]
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
    let signed = || mistake(&[]).key("the old secret, long enough");
    for (paths, code, cause, explanation) in [
        (&[&older, &old][..], 0, "previous_secret", "The signature is right for a previous secret"),
        (&[&padded], 1, "secret_trailing_newline", "Previous secret 1 was given"),
    ] {
        let run = with(signed(), paths).run(true);
        let found = run.json();
        assert_eq!((run.code, &found["cause"]), (code, &cause.into()), "{found}");
        assert!(found["explanation"].as_str().unwrap().starts_with(explanation), "{found}");
        if code == 0 {
            assert_eq!(found["matched_secret"], "previous");
        }
    }
}

#[test]
#[rustfmt::skip]
fn headers_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let right = signature(SECRET, TIMESTAMP, BODY);
    let headers = folder.path().join("headers");
    let checks = [
        (format!("X-Nano-Timestamp: {TIMESTAMP}\nX-Nano-Signature: {right}\n"), None),
        (format!("X-Nano-Timestamp: {TIMESTAMP}\nX-Nano-Signature: v1={}\nContent-Length: 5000\n", "0".repeat(64)), Some("body_truncated")),
        (format!("X-Nano-Timestamp: {TIMESTAMP}\nX-Nano-Signature: {}\nContent-Length: 20\n", signature(SECRET, TIMESTAMP, BODY.get(..20).unwrap())), Some("body_longer_than_declared")),
        (format!("X-Nano-Timestamp: {TIMESTAMP}\n"), Some("missing_header")),
        (format!("X-Nano-Timestamp: {TIMESTAMP}\nX-Nano-Timestamp: {TIMESTAMP}\nX-Nano-Signature: {right}\n"), Some("duplicate_header")),
        (format!("X-Nano-Timestamp: {TIMESTAMP}\nHTTP_X_NANO_SIGNATURE: {right}\n"), Some("header_renamed")),
        (format!("X-Nano-Timestamp: {TIMESTAMP}\nX-Nano-Signature: {right}\nContent-Encoding: gzip\n"), Some("content_encoding")),
    ];
    for (content, cause) in checks {
        std::fs::write(&headers, &content).unwrap();
        let line = format!("--json verify --body - --now {TIMESTAMP} --headers");
        let mut program = nano_webhook();
        program.args(line.split(' ')).arg(&headers);
        let run = Run::of(program.write_stdin(BODY));
        let found = run.json();
        assert_eq!(run.code, i32::from(cause.is_some()), "{content}: {found}");
        assert_eq!(found["cause"].as_str(), cause, "{content}: {found}");
    }
}

/// A stored delivery is judged as of the time when it arrived.
#[test]
fn the_time_of_a_stored_delivery() {
    let folder = tempfile::tempdir().unwrap();
    let headers = folder.path().join("headers");
    let right = signature(SECRET, TIMESTAMP, BODY);
    let stored = format!(
        r#"{{"received_at_ms":1734948001000,"headers":[["x-nano-timestamp","{TIMESTAMP}"],["x-nano-signature","{right}"]]}}"#
    );
    std::fs::write(&headers, stored).unwrap();
    for (arguments, code) in [(&[][..], 0), (&["--now", "1734999999"], 1)] {
        let mut program = nano_webhook();
        program
            .args(["verify", "--body", "-", "--headers"])
            .arg(&headers);
        let run = Run::of(program.args(arguments).write_stdin(BODY));
        assert_eq!(run.code, code, "{run:?}");
    }
}

/// A receiver does not start with such a file; `verify` says what is wrong with it.
#[test]
fn a_secret_file_that_is_not_utf8() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, utf16(&format!("{SECRET}\r\n"))).unwrap();
    let mut case = mistake(&[]);
    case.more = ["--secret-file", file.to_str().unwrap()]
        .map(str::to_owned)
        .into();
    let found = case.run(true).json();
    let expected = Value::from(vec!["secret_encoding"]);
    assert_eq!(found["causes"], expected, "{found}");
}

#[test]
fn a_receiver_that_accepts_reserialized_bodies() {
    let mut case = mistake(&[]).given_body(BODY.replace(',', ", "));
    assert_eq!(case.run(true).code, 1);
    case.more = vec!["--accept-reserialized".to_owned()];
    assert_eq!(case.run(true).code, 0);
}

/// However large or deep the body, the answer comes, and says that not all was tried.
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
    let hints = found["hints"].to_string();
    assert!(hints.contains("not everything was tried"), "{hints}");

    let depth = 100_000;
    case.body = [vec![b'['; depth], vec![b']'; depth]].concat();
    assert_eq!(case.run(true).json()["cause"], Value::Null);
}
