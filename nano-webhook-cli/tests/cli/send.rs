mod load;
mod tampering;

use serde_json::Value;

use crate::support::receiver::Request;
use crate::support::{Receiver, Run, SECRET, nano_webhook};

/// What arrives is what the page documents: judged by its bytes.
#[test]
fn a_delivery_as_documented() {
    let receiver = Receiver::ok();
    let before = now();
    let run = Run::line(&format!("send {} --task-id task_1", receiver.url));
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.starts_with("200 OK in "), "{run:?}");
    assert!(run.stdout.ends_with("\n{\"ok\":true}\n"), "{run:?}");
    assert_eq!(run.stderr, "sent job.completed task_1\n");

    let request = receiver.request();
    assert!(request.head.starts_with("POST /webhook HTTP/1.1\r\n"));
    assert_eq!(request.header("content-type"), "application/json");
    let body = String::from_utf8(request.body.clone()).unwrap();
    let shape = r#"{"event":"job.completed","task_id":"task_1","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/task_1.png","credits_charged":6},"timestamp":"#;
    assert!(body.starts_with(shape), "{body}");
    assert!((before..=now()).contains(&seconds(&request)));
    assert!(request.is_signed(SECRET));
}

fn seconds(request: &Request) -> i64 {
    request.header("x-nano-timestamp").parse().unwrap()
}

fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(now.unwrap().as_secs()).unwrap()
}

#[test]
#[rustfmt::skip]
fn content() {
    let receiver = Receiver::ok();
    for (arguments, pointer, expected) in [
        (&["failed"][..], "/event", Value::from("job.failed")),
        (&["failed"], "/status", "failed".into()),
        (&["failed"], "/data/error", "the job failed".into()),
        (&["failed", "--reason", "out of \"memory\""], "/data/error", "out of \"memory\"".into()),
        (&["failed"], "/data/credits_charged", 0.into()),
        (&["completed", "--credits", "2.5"], "/data/credits_charged", 2.5.into()),
        (&["completed", "--result-url", "https://a/b"], "/data/url", "https://a/b".into()),
        (&["completed", "--task-type", "video"], "/task_type", "video".into()),
        (&["credits.low"], "/event", "credits.low".into()),
        (&["job.queued"], "/status", "queued".into()),
    ] {
        let run = Run::of(nano_webhook().args(["send", &receiver.url]).args(arguments));
        assert_eq!(run.code, 0, "{run:?}");
        let request = receiver.request();
        assert!(request.is_signed(SECRET));
        assert_eq!(request.json().pointer(pointer), Some(&expected), "{arguments:?}");
    }
}

#[test]
fn a_body_of_ones_own_is_sent_byte_for_byte() {
    let receiver = Receiver::ok();
    let body = "\u{feff}{ \"any\": \"thing\" }\r\n";
    let run = Run::of(
        nano_webhook()
            .args(["send", &receiver.url, "--body", "-"])
            .write_stdin(body),
    );
    assert_eq!(run.code, 0, "{run:?}");
    let request = receiver.request();
    assert_eq!(request.body, body.as_bytes());
    assert!(request.is_signed(SECRET));
}

#[test]
fn secrets_from_files_and_pipes() {
    let receiver = Receiver::ok();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let file = file.to_str().unwrap();
    for (arguments, stdin) in [
        (["--secret-file", file], ""),
        (["--secret-file", "-"], SECRET),
        (["--secret-file", "-"], "a-secret-for-tests-0123456789\r\n"),
        (["--secret-env", "OTHER"], ""),
    ] {
        let run = Run::of(
            nano_webhook()
                .env_remove("NANO_WEBHOOK_SECRET")
                .env("OTHER", SECRET)
                .args(["send", &receiver.url])
                .args(arguments)
                .write_stdin(stdin),
        );
        assert_eq!(run.code, 0, "{run:?}");
        assert!(receiver.request().is_signed(SECRET));
    }
}

#[test]
fn timestamps() {
    let receiver = Receiver::ok();
    let sent = |arguments: &[&str]| {
        let run = Run::of(nano_webhook().args(["send", &receiver.url]).args(arguments));
        assert_eq!(run.code, 0, "{run:?}");
        let request = receiver.request();
        assert!(request.is_signed(SECRET));
        request
    };
    for (arguments, unit, age) in [
        (&["--stale"][..], 1, 600),
        (&["--stale=4000"], 1, 4000),
        (&["--millis"], 1000, 0),
    ] {
        let before = now() - age;
        let signed_at = seconds(&sent(arguments)) / unit;
        assert!((before..=now() - age).contains(&signed_at), "{arguments:?}");
    }
    for text in ["0", "-1", "soon", "01734948000"] {
        let request = sent(&["--timestamp", text]);
        assert_eq!(request.header("x-nano-timestamp"), text);
    }
}

#[test]
fn the_answer_decides() {
    let refusal =
        Receiver::answering("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n\u{1b}[");
    let redirect = Receiver::answering(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n",
    );
    let nothing = Receiver::answering("");
    for (url, arguments, code) in [
        (refusal.url.as_str(), "", 1),
        (&refusal.url, "--expect 401", 0),
        (&refusal.url, "--expect 200", 1),
        // No redirection is followed.
        (&redirect.url, "", 1),
        (&redirect.url, "--expect 307", 0),
        (&nothing.url, "--timeout 1", 3),
        ("http://127.0.0.1:0/", "", 3),
    ] {
        let run = Run::line(&format!("send {url} {arguments}"));
        assert_eq!(run.code, code, "{run:?}");
        // What a receiver says must not steer the terminal.
        assert!(!run.stdout.contains('\u{1b}'), "{run:?}");
    }
    let run = Run::line(&format!("send {} failed --json", refusal.url));
    let found = run.json();
    assert_eq!(run.code, 1);
    assert_eq!(found["status"], 401);
    assert_eq!(found["as_expected"], false);
    assert_eq!(found["body"], "\u{1b}[");
    assert_eq!(found["event"], "job.failed");
    assert!(found["duration_ms"].as_f64().unwrap() > 0.0);
}

/// A name is judged by where it leads.
#[test]
fn only_this_machine() {
    let receiver = Receiver::ok();
    let by_name = receiver.url.replace("127.0.0.1", "localhost");
    assert_eq!(Run::line(&format!("send {by_name}")).code, 0);
    receiver.request();
    for host in "192.0.2.1 10.0.0.1 0.0.0.0:1 [2001:db8::1] [::]:1".split(' ') {
        let run = Run::line(&format!("send http://{host}/"));
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains("--allow-remote"), "{run:?}");
    }
    // With the flag it is tried; no service listens at port 0.
    let run = Run::line("send http://127.0.0.1:0/ --allow-remote");
    assert_eq!(run.code, 3, "{run:?}");
}
