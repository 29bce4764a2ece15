use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::sign::signature;
use crate::support::{Background, Receiver, Run, SECRET, nano_webhook};

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
    let address = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split('/').next())
        .unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn post(headers: &str, body: &str) -> String {
    format!(
        "POST /hook/path?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

#[test]
fn each_delivery_is_shown() {
    let (listener, url) = listening(&[]);
    for (arguments, status, expected) in [
        (
            &["--task-id", "t1"][..],
            200,
            json!({"accepted": true, "event": "job.completed", "task_id": "t1", "code": null, "repeat_of": null, "matched_secret": "current"}),
        ),
        (
            &["failed", "--task-id", "t1"],
            200,
            json!({"accepted": true, "event": "job.failed", "repeat_of": null}),
        ),
        (
            &["--task-id", "t1"],
            200,
            json!({"accepted": true, "repeat_of": 1}),
        ),
        (
            &["anything.else", "--millis"],
            200,
            json!({"accepted": true, "event": "anything.else"}),
        ),
        (
            &["--tamper", "body", "--task-id", "t2"],
            401,
            json!({"accepted": false, "code": "signature_mismatch", "cause": null, "task_id": "t2", "signed_at_ms": null}),
        ),
        (
            &["--stale"],
            401,
            json!({"accepted": false, "code": "timestamp_out_of_tolerance", "cause": "stale"}),
        ),
        (
            &["--timestamp", "soon"],
            400,
            json!({"accepted": false, "code": "malformed_timestamp", "cause": "timestamp_malformed"}),
        ),
    ] {
        let status = status.to_string();
        let run = send(&url, &[arguments, &["--expect", &status]].concat());
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        let shown = listener.json();
        assert_eq!(shown["type"], "delivery");
        assert_eq!(shown["status"].to_string(), status, "{shown}");
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&shown[name], value, "{arguments:?}: {name} in {shown}");
        }
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

/// The answers are those of the layer, and what was refused is seen all the same.
#[test]
fn what_is_wrong_with_a_request() {
    let (listener, url) = listening(&["--max-body", "100"]);
    let stamp = "X-Nano-Timestamp: 1\r\n";
    let zeros = format!("X-Nano-Signature: v1={}\r\n", "0".repeat(64));
    let large = "x".repeat(101);
    for (request, status, code, cause, bytes) in [
        (
            post("", BODY),
            401,
            "missing_header",
            "missing_header",
            BODY.len(),
        ),
        (
            post(&format!("{stamp}{stamp}{zeros}"), BODY),
            400,
            "duplicate_header",
            "duplicate_header",
            BODY.len(),
        ),
        (
            post(&format!("{stamp}X-Nano-Signature: none\r\n"), BODY),
            400,
            "malformed_signature",
            "signature_malformed",
            BODY.len(),
        ),
    ] {
        let answer = raw(&url, &request);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        let shown = listener.json();
        assert_eq!(shown["code"], code, "{shown}");
        assert_eq!(shown["cause"], cause, "{shown}");
        assert_eq!(shown["path"], "/hook/path", "{shown}");
        assert_eq!(shown["task_id"], "task_é", "{shown}");
        assert_eq!(shown["body_bytes"], bytes, "{shown}");
        assert_eq!(shown["body_complete"], true, "{shown}");
    }
    // Fresh, so that it is the body that is refused.
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

    let answer = raw(
        &url,
        &post(&format!("{signed}Content-Encoding: gzip\r\n"), "x"),
    );
    assert!(answer.starts_with("HTTP/1.1 415 "), "{answer}");
    assert_eq!(listener.json()["code"], "unsupported_content_encoding");

    // A body that breaks off: the sender is gone, and it is shown.
    let broken = post(&signed, BODY).replace(&format!("Length: {}", BODY.len()), "Length: 99");
    let address = url
        .strip_prefix("http://")
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(broken.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let shown = listener.json();
    assert_eq!(shown["code"], "body_incomplete", "{shown}");
    assert_eq!(shown["body_complete"], false, "{shown}");
}

#[test]
fn only_posts_are_deliveries() {
    let (_listener, url) = listening(&[]);
    let answer = raw(
        &url,
        "GET /webhook HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
    assert!(answer.contains("allow: POST"), "{answer}");
}

/// Why it was refused, and not only that.
#[test]
fn refusals_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{SECRET}\n\n")).unwrap();
    let (listener, url) = listening(&["--secret-file", file.to_str().unwrap()]);
    assert_eq!(send(&url, &[]).code, 1);
    let shown = listener.json();
    assert_eq!(shown["cause"], "secret_trailing_newline", "{shown}");
    let explanation = shown["explanation"].as_str().unwrap();
    assert!(
        explanation.starts_with("The secret was given with a newline"),
        "{shown}"
    );
}

#[test]
fn previous_secrets_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old");
    std::fs::write(&file, "the old secret, long enough").unwrap();
    let file = file.to_str().unwrap();
    let (listener, url) = listening(&["--previous-secret-file", file]);
    assert_eq!(send(&url, &["--secret-file", file]).code, 0);
    assert_eq!(listener.json()["matched_secret"], "previous");
}

#[test]
fn the_last_ones_are_kept() {
    let (listener, url) = listening(&["--keep", "2"]);
    for task in ["t1", "t2", "t3"] {
        assert_eq!(send(&url, &["--task-id", task]).code, 0);
        listener.json();
    }
    let ask = |host: &str| {
        raw(
            &url,
            &format!("GET /deliveries HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
        )
    };
    let answer = ask("127.0.0.1:4020");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let kept: Value = serde_json::from_str(body).unwrap();
    let tasks: Vec<_> = (kept.as_array().unwrap().iter())
        .map(|delivery| delivery["task_id"].as_str().unwrap())
        .collect();
    assert_eq!(tasks, ["t2", "t3"]);
    assert!(
        kept[0]["body"].as_str().unwrap().contains("\"t2\""),
        "{kept}"
    );
    assert!(!body.contains("v1="), "{body}");
    // A web page's own name that resolves to this machine.
    assert!(ask("evil.example").starts_with("HTTP/1.1 403 "));
    assert!(ask("localhost:4020").starts_with("HTTP/1.1 200 "));
}

#[test]
fn requests_are_forwarded_as_they_came() {
    let service = Receiver::answering(
        "HTTP/1.1 202 Accepted\r\nx-service: yes\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\ndone",
    );
    let (listener, url) = listening(&["--forward-to", &service.url]);
    // Odd, but valid JSON, with headers that must survive.
    let body = "{\"event\":\"job.failed\" ,\"task_id\":\"t\"}\r\n";
    let headers = format!(
        "X-Nano-Timestamp: 1\r\nX-Nano-Signature: v1={}\r\nX-Other: a\r\nX-Other: b\r\n",
        "0".repeat(64)
    );
    let answer = raw(&url, &post(&headers, body));
    // The refused one as well, and the service's answer is what the sender gets.
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert!(answer.contains("x-service: yes"), "{answer}");
    assert!(answer.ends_with("done"), "{answer}");
    let request = service.request();
    assert_eq!(request.body, body.as_bytes());
    assert_eq!(request.header("x-nano-timestamp"), "1");
    assert_eq!(
        request.header("x-nano-signature"),
        format!("v1={}", "0".repeat(64))
    );
    let others: Vec<_> = (request.head.lines())
        .filter(|line| line.to_ascii_lowercase().starts_with("x-other:"))
        .collect();
    assert_eq!(others.len(), 2, "{}", request.head);

    let shown = listener.json();
    assert_eq!(shown["accepted"], false);
    assert_eq!(shown["status"], 202);
    assert_eq!(shown["forwarded"]["status"], 202);
    assert_eq!(shown["forwarded"]["body"], "done");
    assert!(shown["forwarded"]["duration_ms"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_service_that_is_not_there() {
    let (listener, url) = listening(&["--forward-to", "http://127.0.0.1:0/"]);
    let run = send(&url, &["--expect", "502"]);
    assert_eq!(run.code, 0, "{run:?}");
    let shown = listener.json();
    assert_eq!(shown["accepted"], true, "{shown}");
    assert!(shown["forwarded"]["problem"].is_string(), "{shown}");
}

/// What is stored can be verified and sent again, with the same signature.
#[test]
fn deliveries_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("a/b");
    let path = |name: &str| store.join(name).to_str().unwrap().to_owned();
    let (listener, url) = listening(&["--save", store.to_str().unwrap()]);
    assert_eq!(send(&url, &["--task-id", "t1"]).code, 0);
    assert_eq!(listener.json()["saved"], path("0001.body"));
    assert_eq!(send(&url, &["--tamper", "body"]).code, 1);
    assert_eq!(listener.json()["saved"], path("0002.body"));

    for (name, code) in [("0001", 0), ("0002", 1)] {
        let (body, head) = (path(&format!("{name}.body")), path(&format!("{name}.json")));
        let run = Run::of(nano_webhook().args(["verify", "--body", &body, "--headers", &head]));
        assert_eq!(run.code, code, "{run:?}");
        let run = send(&url, &["--body", &body, "--headers", &head]);
        assert_eq!(run.code, code, "{run:?}");
        let shown = listener.json();
        assert_eq!(shown["accepted"], code == 0, "{shown}");
        assert_eq!(
            shown["repeat_of"],
            if code == 0 { json!(1) } else { Value::Null }
        );
    }
    // The body alone is signed anew; and a stored delivery can be tampered with.
    let (body, head) = (path("0002.body"), path("0001.json"));
    assert_eq!(send(&url, &["--body", &body]).code, 0);
    let run = send(
        &url,
        &[
            "--body",
            &path("0001.body"),
            "--headers",
            &head,
            "--tamper",
            "signature",
        ],
    );
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(listener.json()["saved"], path("0005.body"));
    assert_eq!(listener.json()["saved"], path("0006.body"));
    drop(listener);

    // A later run overwrites nothing.
    let (listener, url) = listening(&["--save", store.to_str().unwrap()]);
    assert_eq!(send(&url, &[]).code, 0);
    assert_eq!(listener.json()["saved"], path("0007.body"));
    let head: Value = serde_json::from_slice(&std::fs::read(path("0007.json")).unwrap()).unwrap();
    assert_eq!(head["accepted"], true);
    assert_eq!(head["path"], "/webhook");
    // Its signature is good for minutes.
    use std::os::unix::fs::PermissionsExt as _;
    for name in ["0007.json", "0007.body"] {
        let mode = std::fs::metadata(path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
}

#[test]
fn another_answer() {
    let (listener, url) = listening(&["--answer", "503"]);
    assert_eq!(send(&url, &["--expect", "503"]).code, 0);
    let shown = listener.json();
    assert_eq!(shown["accepted"], true);
    assert_eq!(shown["status"], 503);
    // What is refused is refused as ever.
    assert_eq!(send(&url, &["--tamper", "body", "--expect", "401"]).code, 0);
}

#[test]
fn text_for_people() {
    let listener = Background::nano_webhook(&["listen", "--addr", "127.0.0.1:0"]);
    let url = listener.address();
    assert_eq!(send(&url, &["--task-id", "t\u{1b}[2J"]).code, 0);
    let line = listener.line();
    assert!(line.starts_with("#1 "), "{line}");
    assert!(
        line.contains("accepted job.completed t\\u{1b}[2J, signed "),
        "{line}"
    );
    assert!(!line.contains('\u{1b}'), "{line}");
    assert_eq!(send(&url, &["--stale"]).code, 1);
    let line = listener.line();
    assert!(
        line.contains("refused timestamp_out_of_tolerance, claims job.completed"),
        "{line}"
    );
    let line = listener.line();
    assert!(line.starts_with("   why: The timestamp is 6"), "{line}");
}

/// `listen | head`: the next delivery ends it.
#[test]
fn a_reader_that_goes_away_ends_it() {
    let mut child = std::process::Command::new(crate::support::program())
        .args(["listen", "--addr", "127.0.0.1:0"])
        .env("NANO_WEBHOOK_SECRET", SECRET)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    let url = line.trim().rsplit(' ').next().unwrap().to_owned();
    drop(stdout);
    assert_eq!(send(&url, &[]).code, 0);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{output:?}");
}
