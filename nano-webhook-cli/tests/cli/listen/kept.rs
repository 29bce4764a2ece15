//! What is stored, kept and passed on.

use serde_json::{Value, json};

use super::{listening, post, raw, send};
use crate::support::{Receiver, Run, nano_webhook};

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
        let repeat_of = if code == 0 { json!(1) } else { Value::Null };
        assert_eq!(shown["repeat_of"], repeat_of);
    }
    // The body alone is signed anew; and a stored delivery can be tampered with.
    let (body, head) = (path("0002.body"), path("0001.json"));
    assert_eq!(send(&url, &["--body", &body]).code, 0);
    assert_eq!(listener.json()["saved"], path("0005.body"));
    let stored = ["--body", &path("0001.body"), "--headers", &head];
    let run = send(&url, &[&stored[..], &["--tamper", "signature"]].concat());
    assert_eq!(run.code, 1, "{run:?}");
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

    std::fs::remove_dir_all(&store).unwrap();
    assert_eq!(send(&url, &[]).code, 0);
    let shown = listener.json();
    assert_eq!(shown["saved"], Value::Null);
    assert!(shown["not_saved"].as_str().unwrap().contains("0008.body"));
}

#[test]
fn requests_are_forwarded_as_they_came() {
    let service = Receiver::answering(
        "HTTP/1.1 202 Accepted\r\nx-service: yes\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\ndone",
    );
    let (listener, url) = listening(&["--forward-to", &service.url]);
    // Odd, but valid JSON, with headers that must survive.
    let body = "{\"event\":\"job.failed\" ,\"task_id\":\"t\"}\r\n";
    let zeros = format!("v1={}", "0".repeat(64));
    let headers =
        format!("X-Nano-Timestamp: 1\r\nX-Nano-Signature: {zeros}\r\nX-Other: a\r\nX-Other: b\r\n");
    let answer = raw(&url, &post(&headers, body));
    // The rejected one as well, and the sender gets the service's answer.
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert!(answer.contains("x-service: yes"), "{answer}");
    assert!(answer.ends_with("done"), "{answer}");
    let request = service.request();
    assert_eq!(request.body, body.as_bytes());
    assert_eq!(request.header("x-nano-timestamp"), "1");
    assert_eq!(request.header("x-nano-signature"), zeros);
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

/// `listen | head`: the next delivery ends it.
#[test]
fn a_reader_that_goes_away_ends_it() {
    let mut child = crate::support::plain()
        .args(["listen", "--addr", "127.0.0.1:0"])
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
