//! The inspector's page, and what it sends.

use serde_json::{Value, json};

use super::{has, raw, send};
use crate::support::{Background, Run, plain};

/// `listen --ui`, with the base URL of its page and the token.
struct Inspected {
    listener: Background,
    url: String,
    page: String,
    token: String,
}

impl Inspected {
    /// The state of the user is in this folder.
    fn start(state: &std::path::Path, arguments: &[&str]) -> Self {
        let mut command = plain();
        command.env("XDG_STATE_HOME", state);
        let own = "listen --addr 127.0.0.1:0 --json --ui 127.0.0.1:0";
        command.args(own.split(' ')).args(arguments);
        let listener = Background::start(command);
        let url = listener.json()["url"].as_str().unwrap().to_owned();
        let announced = listener.json();
        assert_eq!(announced["type"], "inspector");
        let (page, token) = announced["url"].as_str().unwrap().split_once("/#").unwrap();
        Self {
            page: page.to_owned(),
            token: token.to_owned(),
            listener,
            url,
        }
    }

    /// Status and body of the page's answer.
    fn ask(&self, target: &str, body: &Value) -> (u16, Value) {
        let (body, host) = (body.to_string(), self.page.strip_prefix("http://").unwrap());
        let request = format!(
            "{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len(),
        );
        let answer = raw(&self.page, &request);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    fn detail(&self, id: u64) -> Value {
        let (status, detail) = self.ask(&format!("GET /api/deliveries/{id}"), &json!({}));
        assert_eq!(status, 200, "{detail}");
        detail
    }
}

/// What the page sends goes through the receiver, as what `send` sends.
#[test]
#[rustfmt::skip]
fn the_page_sends() {
    let state = tempfile::tempdir().unwrap();
    let inspected = Inspected::start(state.path(), &[]);
    assert_eq!(send(&inspected.url, &["--task-id", "t1"]).code, 0);
    inspected.listener.json();
    has(&inspected.detail(1), &json!({"verdict": "accepted", "secret": "current", "status": 200, "note": null, "task_id": "t1"}));
    for (id, (request, status, expected)) in (2..).zip([
        (json!({"like": 1, "mode": "captured"}), 200, json!({"verdict": "duplicate", "duplicate_of": 1, "note": "sent again from 1"})),
        (json!({"like": 1, "mode": "edited", "body_base64": "e30="}), 401, json!({"verdict": "rejected", "code": "signature_mismatch", "note": "edited from 1"})),
        (json!({"like": 1, "mode": "edited", "headers": [["X-Nano-Timestamp", "1"]]}), 401, json!({"code": "missing_header", "note": "edited from 1"})),
        (json!({"like": 1, "mode": "signed", "body_base64": "e30="}), 422, json!({"code": "invalid_event", "note": "signed anew from 1"})),
        (json!({"event": "job.failed"}), 200, json!({"verdict": "accepted", "event": "job.failed", "note": "test event"})),
    ]) {
        let (answered, answer) = inspected.ask("POST /api/send", &request);
        assert_eq!((answered, &answer["status"]), (200, &json!(status)), "{request}: {answer}");
        // It is shown in the terminal as well, when everything is known of it.
        inspected.listener.json();
        let detail = inspected.detail(id);
        has(&detail, &expected);
        assert!(!detail["headers"].to_string().contains("note"), "{detail}");
    }
    for (request, status) in [
        (json!({"like": 99, "mode": "captured"}), 404),
        (json!({"like": 1}), 400),
        (json!({"like": 1, "mode": "signed", "body_base64": "?"}), 400),
        (json!({"event": ""}), 400),
    ] {
        assert_eq!(inspected.ask("POST /api/send", &request).0, status, "{request}");
    }
    assert_eq!(inspected.ask("POST /api/trigger", &json!({"event": "job.failed"})).0, 404);
}

#[test]
fn the_page_triggers_jobs() {
    let simulator = Background::nano_webhook(&["simulate", "--addr", "127.0.0.1:0"]);
    let base = simulator.address();
    let state = tempfile::tempdir().unwrap();
    let inspected = Inspected::start(state.path(), &["--simulator", &base]);
    let run = Run::line(&format!(
        "endpoints ensure {} --base-url {base}",
        inspected.url
    ));
    assert_eq!(run.code, 0, "{run:?}");
    let trigger = |event| inspected.ask("POST /api/trigger", &json!({"event": event}));
    let (status, answer) = trigger("job.failed");
    assert_eq!(
        (status, &answer["deliveries"]),
        (200, &json!(1)),
        "{answer}"
    );
    assert_eq!(inspected.listener.json()["task_id"], answer["task_id"]);
    assert_eq!(trigger("a").0, 502);
}

/// What was stored is shown by a later run, which goes on with the next number, and an
/// open page keeps its token.
#[test]
fn a_session_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    let save = ["--save", saved.to_str().unwrap()];
    let first = Inspected::start(folder.path(), &save);
    assert_eq!(send(&first.url, &["--task-id", "t1"]).code, 0);
    first.listener.json();
    assert_eq!(send(&first.url, &["--stale"]).code, 1);
    let shown = first.listener.json();
    let before = [first.detail(1), first.detail(2)];
    let token = first.token.clone();
    drop(first);
    // As after a crash between the two files, and while a file was written.
    std::fs::write(saved.join("0003.body"), "{}").unwrap();
    std::fs::write(saved.join("0003.json.part"), "{").unwrap();
    std::fs::write(saved.join("0004.json"), "{").unwrap();

    let second = Inspected::start(folder.path(), &save);
    assert_eq!(second.token, token);
    for (id, before) in (1..).zip(before) {
        let after = second.detail(id);
        for (name, value) in before.as_object().unwrap() {
            // The port is another one, and of an answer only the status is stored.
            if !["curl", "send", "answer"].contains(&name.as_str()) {
                assert_eq!(&after[name], value, "{name} of {id}");
            }
        }
        let file = format!("{id:04}.body");
        assert!(after["send"].as_str().unwrap().contains(&file), "{after}");
    }
    assert_eq!(shown["cause"], "stale");
    let cause = &second.detail(2)["cause"];
    assert_eq!(cause["title"], shown["explanation"]);
    let verify = cause["command"].as_str().unwrap();
    assert!(verify.starts_with("nano-webhook verify --body"), "{verify}");
    for id in [3, 4] {
        let path = format!("GET /api/deliveries/{id}");
        assert_eq!(second.ask(&path, &json!({})).0, 404);
    }
    assert_eq!(send(&second.url, &["--task-id", "t1"]).code, 0);
    has(
        &second.listener.json(),
        &json!({"id": 5, "repeat_of": 1, "saved": saved.join("0005.body")}),
    );
}

/// A tunnel exposes this port, and may rewrite `Host`.
#[test]
fn the_receiver_shows_nothing() {
    let state = tempfile::tempdir().unwrap();
    let inspected = Inspected::start(state.path(), &[]);
    assert_eq!(send(&inspected.url, &["--task-id", "t1"]).code, 0);
    let host = inspected.url.split('/').nth(2).unwrap();
    for path in "/ /deliveries /api/deliveries /api/deliveries/1 /app.js".split(' ') {
        let token = &inspected.token;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        );
        let answer = raw(&inspected.url, &request);
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
}
