//! Rotation, and secrets that are in use.

use std::process::Stdio;

use serde_json::{Value, json};

use super::{HOOK, Provider, check_generated, endpoints, ids, provider};
use crate::support::receiver::answer;
use crate::support::{Background, Receiver, SECRET};

/// A receiver that accepts what this secret signs, as its own test deliveries show.
fn receiver_with(secret: &str) -> Receiver {
    let secret = secret.to_owned();
    Receiver::with(move |request| {
        let is_signed = request.is_signed(&secret);
        answer(if is_signed { 200 } else { 401 }, "")
    })
}

#[test]
fn rotate_replaces_once_the_receiver_accepts_the_secret() {
    let (_provider, base) = provider();
    let receiver = receiver_with(SECRET);
    endpoints(&base, &["create", &receiver.url, "--event", "failed"]);
    let line = format!("rotate {} --json", receiver.url);
    let rotate = |arguments: &str| endpoints(&base, &[&line, arguments]);
    // The receiver does not have this one, so nothing is changed.
    let run = rotate("--generate-secret --wait 0");
    assert_eq!(run.code, 1, "{run:?}");
    check_generated(&run.json()["secret_key"]);
    for text in ["401 Unauthorized", "previous one", "--yes-deployed"] {
        assert!(run.stderr.contains(text), "{text}: {run:?}");
    }
    assert_eq!(ids(&base), [1]);

    let run = rotate("--wait 18446744073709551615");
    assert_eq!(run.code, 0, "{run:?}");
    let found = run.json();
    assert_eq!(found["webhook"]["id"], 2);
    assert_eq!(found["webhook"]["events"], json!(["job.failed"]));
    assert_eq!(found["deleted"], json!([1]));

    let run = rotate("--generate-secret --yes-deployed --event completed");
    assert_eq!(run.code, 0, "{run:?}");
    let found = run.json();
    check_generated(&found["secret_key"]);
    assert_eq!(found["webhook"]["events"], json!(["job.completed"]));
    assert_eq!(ids(&base), [3]);

    // Webhooks with different events: which are wanted?
    endpoints(&base, &["create", &receiver.url, "--event", "failed"]);
    assert_eq!(rotate("").code, 2);
    assert_eq!(rotate("--no-secret").code, 2);
    assert_eq!(ids(&base), [3, 4]);
}

/// The secret is in use, so it is kept and shown, whatever fails then.
#[test]
fn a_secret_that_is_in_use_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let path = file.to_str().unwrap();
    let arguments = ["rotate", HOOK, "--generate-secret", "--yes-deployed"];
    for (more, shown_in_file) in [
        (&[][..], false),
        (&["--json"], false),
        (&["--secret-out", path], true),
    ] {
        let provider = refusing_to_delete();
        let run = endpoints(&provider.base, &[&arguments[..], more].concat());
        assert_eq!(run.code, 1, "{run:?}");
        let secret = match shown_in_file {
            true => std::fs::read_to_string(&file).unwrap().trim_end().into(),
            false if more.is_empty() => run
                .stdout
                .trim_end()
                .strip_prefix("secret: ")
                .unwrap()
                .into(),
            false => {
                assert_eq!(run.json()["created"], 2);
                run.json()["secret_key"].clone()
            }
        };
        check_generated(&secret);
    }
}

/// A provider that creates a webhook, and forbids to delete one.
fn refusing_to_delete() -> Provider {
    let created = std::sync::atomic::AtomicBool::new(false);
    let webhook = |id| json!({"id": id, "url": HOOK, "events": ["job.completed", "job.failed"], "status": "active"});
    Provider::of(Receiver::with(move |request| {
        use std::sync::atomic::Ordering::SeqCst;
        let success =
            |data: Value| answer(200, &json!({"success": true, "data": data}).to_string());
        match request.head.split(' ').next().unwrap() {
            "POST" => {
                created.store(true, SeqCst);
                success(webhook(2))
            }
            "GET" if created.load(SeqCst) => success(json!([webhook(1), webhook(2)])),
            "GET" => success(json!([webhook(1)])),
            _ => answer(403, ""),
        }
    }))
}

/// A secret that no reader saw must not look like a success. Where there is no
/// `/dev/full`, the closed pipe is all that is tried.
#[test]
fn a_closed_standard_output() {
    let (_provider, base) = provider();
    let create = format!("endpoints create {HOOK} --generate-secret --base-url {base}");
    for line in [&create, &format!("{create} --json"), "secret generate"] {
        let arguments: Vec<_> = line.split(' ').collect();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        for stdout in [Some(Stdio::from(writer)), full.ok().map(Stdio::from)] {
            let Some(stdout) = stdout else { continue };
            let mut command = crate::support::plain();
            let output = command.args(&arguments).stdout(stdout).output().unwrap();
            assert!(!output.status.success(), "{arguments:?}");
            let stderr = String::from_utf8(output.stderr).unwrap();
            // The webhook has it, and this is its only copy.
            assert_eq!(stderr.contains("secret: "), arguments.len() > 2, "{stderr}");
        }
    }
}

/// A provider that has the request, and never answers.
#[cfg(unix)]
#[test]
fn an_interrupted_change_keeps_its_secret() {
    let (tell, posted) = std::sync::mpsc::sync_channel(1);
    let provider = Receiver::with(move |request| {
        if request.head.starts_with("POST") {
            tell.send(()).unwrap();
            loop {
                std::thread::park();
            }
        }
        answer(200, r#"{"success":true,"data":[]}"#)
    });
    let base = provider.url.trim_end_matches("/webhook");
    for command in ["create", "ensure", "rotate --yes-deployed"] {
        let line = format!("endpoints {command} {HOOK} --generate-secret --json --base-url {base}");
        let run = Background::nano_webhook(&line.split(' ').collect::<Vec<_>>());
        posted.recv().unwrap();
        let (code, lines) = run.interrupt();
        assert_eq!(code, 4, "{line}: {lines:?}");
        let told: Value = serde_json::from_str(&lines[0]).unwrap();
        check_generated(&told["secret_key"]);
    }
}
