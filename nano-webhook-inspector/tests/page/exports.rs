use std::io::Write as _;
use std::process::{Command, Stdio};

use nano_webhook_conformance::Vector;
use nano_webhook_core::{Secret, UnixTime, Verifier};
use nano_webhook_inspector::{Answer, Bytes, Verdict};
use nano_webhook_test_kit::SignedRequest;
use serde_json::{Value, json};

use crate::support::{Served, record};

/// Deliveries of each kind, signed with a secret that must not be exported.
#[rustfmt::skip]
async fn captured() -> Served {
    let served = Served::start().await;
    let signed = |time, body: &str| SignedRequest::signed(SignedRequest::SECRET, time, body);
    let (now, task) = (SignedRequest::NOW, SignedRequest::for_task);
    let completed = r#"{"event":"job.completed","task_id":"t","data":{"url":"u","credits_charged":6}}"#;
    let (mut bare, mut odd) = (task("t"), task("t"));
    bare.headers.clear();
    odd.headers[1].1 = b"v1=\xe9".to_vec();
    for (request, verdict, code) in [
        (signed(now, completed), Verdict::Accepted, None),
        (task("é"), Verdict::Duplicate, None),
        (signed(now, r#"{"event":"credits.low"}"#), Verdict::Failed, None),
        (task("t").forged(), Verdict::Rejected, Some("signature_mismatch")),
        (signed(now, "[]"), Verdict::Rejected, Some("invalid_event")),
        (signed(UnixTime::from_secs(1), "{}"), Verdict::Rejected, Some("timestamp_out_of_tolerance")),
        (bare, Verdict::Rejected, Some("missing_header")),
        (odd, Verdict::Rejected, Some("malformed_signature")),
    ] {
        let mut record = record(served.inspector.next_id(), &request, verdict);
        record.code = code.map(str::to_owned);
        record.answer = Some(Answer {
            status: 200,
            headers: vec![("content-type".to_owned(), b"text/plain".to_vec())],
            body: Bytes::from_static(b"\xff"),
        });
        served.inspector.put(record);
    }
    served
}

/// They are judged as the vectors of this repository are: by its checker and by core.
#[tokio::test]
async fn vectors_are_of_the_repositorys_form() {
    let served = captured().await;
    let text = served.get("/api/export?format=vectors").await.text();
    assert!(!text.contains(SignedRequest::SECRET), "{text}");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines.first(), lines.last()), (Some(&"["), Some(&"]")));
    let vectors: Vec<Vector> = serde_json::from_str(&text).unwrap();
    assert_eq!(lines.len(), vectors.len() + 2);
    let mut found = Vec::new();
    for vector in &vectors {
        let verifier = Verifier::new(Secret::new(&vector.secrets[0]).unwrap());
        let now = UnixTime::from_millis(vector.now_ms);
        let verdict = verifier.verify(&vector.header_bytes(), vector.body(), now);
        let code = verdict.as_ref().err().map(|error| error.code().to_owned());
        assert_eq!(code, vector.expect.code, "{}", vector.name);
        found.push(code.unwrap_or_else(|| "accepted".to_owned()));
    }
    let expected = "accepted accepted accepted signature_mismatch invalid_event \
         timestamp_out_of_tolerance missing_header malformed_signature";
    assert_eq!(found.join(" "), expected);
    let folder = env!("CARGO_MANIFEST_DIR");
    let checker = format!("{folder}/../conformance/lib/validate.mjs");
    let script = format!(
        "import {{ validate }} from {checker:?};
         import {{ readFileSync }} from 'node:fs';
         validate([['captured', JSON.parse(readFileSync(0, 'utf8'))]]);"
    );
    let mut node = Command::new("node")
        .args(["--input-type=module", "--eval", &script])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = node.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    assert!(node.wait().unwrap().success());
}

#[tokio::test]
async fn archives_and_lines() {
    let served = captured().await;
    let answer = served.get("/api/export?format=har&ids=2,4,99").await;
    let file = "attachment; filename=\"deliveries.har\"";
    assert_eq!(answer.header("content-disposition"), Some(file));
    let har = answer.json();
    assert_eq!(har["log"]["version"], "1.2");
    let entries = har["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    let entry = &entries[0];
    assert_eq!(entry["startedDateTime"], "2024-12-23T10:00:00Z");
    assert_eq!(entry["request"]["url"], "http://127.0.0.1:3000/webhook");
    assert_eq!(
        entry["request"]["postData"],
        json!({"mimeType": "application/json", "text": r#"{"event":"job.failed","task_id":"é"}"#})
    );
    assert_eq!(
        entry["response"]["content"],
        json!({"mimeType": "text/plain", "text": "/w==", "encoding": "base64", "size": 1})
    );
    for name in ["time", "cache", "timings"] {
        assert!(entry.get(name).is_some(), "{name}");
    }

    let lines = served.get("/api/export?format=ndjson").await.text();
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<Value> = lines.collect();
    assert_eq!(lines.len(), 8);
    assert_eq!(lines[2], served.get("/api/deliveries/3").await.json());
    assert_eq!(served.get("/api/export?format=pdf").await.status, 400);
}

/// What the page offers to copy does not leave the shell's quotes.
#[tokio::test]
async fn commands_repeat_a_delivery() {
    let served = Served::start().await;
    let mut request = SignedRequest::new(r#"{"event":"job.failed","task_id":"it's $HOME"}"#);
    for (name, value) in [
        ("x-odd", "'; touch /tmp/x; '"),
        ("x-empty", ""),
        ("host", "a"),
    ] {
        request = request.with(name, value);
    }
    served.deliver(&request, Verdict::Accepted);
    served.deliver(&SignedRequest::new("\u{1b}"), Verdict::Rejected);
    let detail = served.get("/api/deliveries/1").await.json();
    let curl = detail["curl"].as_str().unwrap();
    // The shell sees the words, and curl is a function that prints its own.
    let script = format!("curl() {{ printf '%s\\n' \"$@\"; cat; }}; {curl}");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let (timestamp, signature) = (request.timestamp(), request.signature());
    let expected = format!(
        "-X\nPOST\nhttp://127.0.0.1:3000/webhook\n-H\nx-nano-timestamp: {timestamp}\n-H\nx-nano-signature: {signature}\n-H\nx-odd: '; touch /tmp/x; '\n-H\nx-empty;\n-H\ncontent-type: application/json\n--data-binary\n@-\n{}",
        String::from_utf8_lossy(&request.body),
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    let detail = served.get("/api/deliveries/2").await.json();
    assert_eq!(
        detail["send"],
        "printf %s Gw== | base64 -d | nano-webhook send 'http://127.0.0.1:3000/webhook' --body -"
    );
}
