mod kept;
#[cfg(feature = "ui")]
mod ui;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::sign::signature;
use crate::support::{Background, Run, SECRET, nano_webhook};

const BODY: &str = r#"{ "event": "job.completed", "task_id": "task_é", "data": {"url": "u"} }"#;

fn listening(arguments: &[&str]) -> (Background, String) {
    let all = [&["listen", "--addr", "127.0.0.1:0", "--json"], arguments].concat();
    let listener = Background::nano_webhook(&all);
    let first = listener.json();
    assert_eq!(first["type"], "listening");
    let url = first["url"].as_str().unwrap().to_owned();
    (listener, url)
}

fn send(url: &str, arguments: &[&str]) -> Run {
    Run::of(nano_webhook().args(["send", url]).args(arguments))
}

/// A request written byte by byte. Gives the whole answer.
fn raw(url: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(url.split('/').nth(2).unwrap()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[track_caller]
fn has(value: &Value, expected: &Value) {
    for (name, expected) in expected.as_object().unwrap() {
        assert_eq!(&value[name], expected, "{name} in {value}");
    }
}

fn post(headers: &str, body: &str) -> String {
    format!(
        "POST /hook/path?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

#[test]
#[rustfmt::skip]
fn each_delivery_is_shown() {
    let (listener, url) = listening(&[]);
    for (arguments, status, expected) in [
        (&["--task-id", "t1"][..], 200, json!({"accepted": true, "event": "job.completed", "task_id": "t1", "code": null, "repeat_of": null, "matched_secret": "current"})),
        (&["failed", "--task-id", "t1"], 200, json!({"accepted": true, "event": "job.failed", "repeat_of": null})),
        (&["--task-id", "t1"], 200, json!({"accepted": true, "repeat_of": 1})),
        (&["anything.else", "--millis"], 200, json!({"accepted": true, "event": "anything.else"})),
        (&["--tamper", "body", "--task-id", "t2"], 401, json!({"accepted": false, "code": "signature_mismatch", "cause": null, "task_id": "t2", "signed_at_ms": null})),
        (&["--stale"], 401, json!({"accepted": false, "code": "timestamp_out_of_tolerance", "cause": "stale"})),
        (&["--timestamp", "soon"], 400, json!({"accepted": false, "code": "malformed_timestamp", "cause": "timestamp_malformed"})),
    ] {
        let status = status.to_string();
        let run = send(&url, &[arguments, &["--expect", &status]].concat());
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        let shown = listener.json();
        assert_eq!(shown["type"], "delivery");
        assert_eq!(shown["status"].to_string(), status, "{shown}");
        has(&shown, &expected);
        if shown["accepted"] == true {
            let age = shown["age_ms"].as_i64().unwrap();
            assert!((-1000..60_000).contains(&age), "{shown}");
        }
        assert!(!shown.to_string().contains("v1="), "{shown}");
        assert!(!shown.to_string().contains(SECRET), "{shown}");
    }
    let (code, rest) = listener.interrupt();
    assert_eq!((code, rest.len()), (0, 0));
}

/// The answers are those of the library, and rejected requests are shown.
#[test]
#[rustfmt::skip]
fn what_is_wrong_with_a_request() {
    let (listener, url) = listening(&["--max-body", "100"]);
    let stamp = "X-Nano-Timestamp: 1\r\n";
    let zeros = format!("X-Nano-Signature: v1={}\r\n", "0".repeat(64));
    let large = "x".repeat(101);
    for (request, status, code, cause) in [
        (post("", BODY), 401, "missing_header", "missing_header"),
        (post(&format!("{stamp}{stamp}{zeros}"), BODY), 400, "duplicate_header", "duplicate_header"),
        (post(&format!("{stamp}X-Nano-Signature: none\r\n"), BODY), 400, "malformed_signature", "signature_malformed"),
    ] {
        let answer = raw(&url, &request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        has(&listener.json(), &json!({"code": code, "cause": cause, "path": "/hook/path", "task_id": "task_é", "body_bytes": BODY.len(), "body_complete": true}));
    }
    // Fresh, so that only the body is rejected.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.unwrap().as_secs().to_string();
    let signed = format!(
        "X-Nano-Timestamp: {now}\r\nX-Nano-Signature: {}\r\n",
        signature(SECRET, &now, &large)
    );
    let answer = raw(&url, &post(&signed, &large));
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let shown = listener.json();
    assert_eq!(shown["code"], "body_too_large", "{shown}");

    let answer = raw(&url, &post(&format!("{signed}Content-Encoding: gzip\r\n"), "x"));
    assert!(answer.starts_with("HTTP/1.1 415 "), "{answer}");
    assert_eq!(listener.json()["code"], "unsupported_content_encoding");

    // A body that breaks off: the sender is gone, and it is shown.
    let broken = post(&signed, BODY).replace(&format!("Length: {}", BODY.len()), "Length: 99");
    let mut stream = TcpStream::connect(url.split('/').nth(2).unwrap()).unwrap();
    stream.write_all(broken.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    has(&listener.json(), &json!({"code": "body_incomplete", "body_complete": false}));
}

#[test]
fn only_posts_are_deliveries() {
    let (_listener, url) = listening(&[]);
    let request = "GET /webhook HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = raw(&url, request);
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert!(answer.contains("allow: POST"), "{answer}");
}

#[test]
#[rustfmt::skip]
fn settings_of_the_receiver() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let padded = file("padded", &format!("{SECRET}\n\n"));
    let old = file("old", "the old secret, long enough");
    for (settings, arguments, code, expected) in [
        (["--secret-file", &padded], &[][..], 1, json!({"cause": "secret_trailing_newline", "explanation": "The secret was given with a newline at its end that the right one does not have; write it with printf %s instead of echo."})),
        (["--previous-secret-file", &old], &["--secret-file", &old], 0, json!({"matched_secret": "previous"})),
        (["--answer", "503"], &["--expect", "503"], 0, json!({"accepted": true, "status": 503})),
        // A rejection keeps its own answer.
        (["--answer", "503"], &["--tamper", "body", "--expect", "401"], 0, json!({"accepted": false, "status": 401})),
    ] {
        let (listener, url) = listening(&settings);
        let run = send(&url, arguments);
        assert_eq!(run.code, code, "{run:?}");
        has(&listener.json(), &expected);
    }
}

#[test]
fn text_for_people() {
    let listener = Background::nano_webhook(&["listen", "--addr", "127.0.0.1:0"]);
    let url = listener.address();
    assert_eq!(send(&url, &["--task-id", "t\u{1b}[2J"]).code, 0);
    let line = listener.line();
    assert!(line.starts_with("#1 "), "{line}");
    let verdict = "accepted job.completed t\\u{1b}[2J, signed ";
    assert!(line.contains(verdict), "{line}");
    assert!(!line.contains('\u{1b}'), "{line}");
    assert_eq!(send(&url, &["--stale"]).code, 1);
    let line = listener.line();
    let verdict = "rejected timestamp_out_of_tolerance, claims job.completed";
    assert!(line.contains(verdict), "{line}");
    let line = listener.line();
    assert!(line.starts_with("   why: The timestamp is 6"), "{line}");
}
