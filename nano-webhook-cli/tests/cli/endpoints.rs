mod generate;
mod secrets;

use serde_json::{Value, json};

use crate::support::{Background, Receiver, Run, SECRET, nano_webhook};

const HOOK: &str = "https://example.com/webhook";

fn provider() -> (Background, String) {
    let simulator = Background::nano_webhook(&["simulate", "--addr", "127.0.0.1:0"]);
    let url = simulator.address();
    (simulator, url)
}

fn endpoints(base: &str, arguments: &[&str]) -> Run {
    Run::line(&format!(
        "endpoints {} --base-url {base}",
        arguments.join(" ")
    ))
}

fn ids(base: &str) -> Vec<u64> {
    let run = endpoints(base, &["list", "--json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let webhooks = run.json()["webhooks"].clone();
    (webhooks.as_array().unwrap().iter())
        .map(|webhook| webhook["id"].as_u64().unwrap())
        .collect()
}

#[test]
fn create_list_delete() {
    let (_provider, base) = provider();
    let run = endpoints(&base, &["list"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
    assert_eq!(run.stderr, "no webhooks\n");

    let run = endpoints(&base, &["create", HOOK]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        run.stdout,
        format!("created webhook 1 (active): job.completed,job.failed → {HOOK}\n")
    );
    let run = endpoints(&base, &["create", HOOK, "--event", "failed", "--json"]);
    assert_eq!(
        run.json(),
        json!({"webhook": {"id": 2, "url": HOOK, "events": ["job.failed"], "status": "active"}})
    );
    let run = endpoints(&base, &["list"]);
    assert_eq!(
        run.stdout,
        format!(
            "ID  STATUS  EVENTS                    URL\n\
             1   active  job.completed,job.failed  {HOOK}\n\
             2   active  job.failed                {HOOK}\n"
        )
    );

    let run = endpoints(&base, &["delete", "1", "2"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.stdout, "deleted webhook 1\ndeleted webhook 2\n");
    assert!(ids(&base).is_empty());

    // It was never there.
    let run = endpoints(&base, &["delete", "1", "--json"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(run.json()["error"]["kind"], "no");
    assert!(run.stderr.contains("404"), "{run:?}");
}

#[test]
fn ensure_changes_only_what_it_must() {
    let (_provider, base) = provider();
    let ensure = |arguments: &[&str]| {
        let run = endpoints(&base, &[&["ensure", HOOK, "--json"], arguments].concat());
        assert_eq!(run.code, 0, "{run:?}");
        let found = run.json();
        (found["change"].as_str().unwrap().to_owned(), found)
    };
    assert_eq!(ensure(&[]).0, "created");
    assert_eq!(ensure(&[]).0, "unchanged");
    assert_eq!(ids(&base), [1]);
    let (change, found) = ensure(&["--event", "completed"]);
    assert_eq!(change, "recreated");
    assert_eq!(found["deleted"], json!([1]));
    let run = endpoints(&base, &["ensure", HOOK, "--event", "completed"]);
    assert_eq!(
        run.stdout,
        format!("unchanged webhook 2 (active): job.completed → {HOOK}\n")
    );
    // A new secret would be in use before the receivers have it.
    let run = endpoints(&base, &["ensure", HOOK, "--generate-secret"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("endpoints rotate"), "{run:?}");
    assert_eq!(ids(&base), [2]);
}

fn check_generated(secret: &Value) {
    let secret = secret.as_str().unwrap();
    assert_eq!(secret.len(), 64);
    assert!(secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn without_a_secret_only_if_asked() {
    let (_provider, base) = provider();
    let line = format!("endpoints create {HOOK} --base-url {base}");
    let mut program = nano_webhook();
    program.env_remove("NANO_WEBHOOK_SECRET");
    let run = Run::of(program.args(line.split(' ')));
    assert_eq!(run.code, 2, "{run:?}");
    assert!(ids(&base).is_empty());
    assert_eq!(endpoints(&base, &["create", HOOK, "--no-secret"]).code, 0);
}

/// The key goes out as it should, and comes back from nowhere.
#[test]
fn keys() {
    let answer = "HTTP/1.1 403 No\r\ncontent-length: 44\r\n\r\n{\"success\":false,\"message\":\"key hunter2-long\"}";
    for (arguments, header, value) in [
        ("", "authorization", "Bearer hunter2-long"),
        (
            "--api-key-env OTHER",
            "authorization",
            "Bearer hunter2-other",
        ),
        ("--api-key-file -", "authorization", "Bearer hunter2-piped"),
        ("--auth-header X-Api-Key", "x-api-key", "hunter2-long"),
    ] {
        let provider = Provider::of(Receiver::answering(answer));
        let run = Run::of(
            nano_webhook()
                .env("NANO_WEBHOOK_API_KEY", "hunter2-long")
                .env("OTHER", "hunter2-other")
                .env("NANO_WEBHOOK_BASE_URL", &provider.base)
                .args(["endpoints", "create", HOOK])
                .args(arguments.split_whitespace())
                .write_stdin("hunter2-piped\n"),
        );
        let request = provider.receiver.request();
        assert_eq!(request.header(header), value);
        assert_eq!(request.json()["secret_key"], SECRET);
        assert_eq!(run.code, 1, "{run:?}");
        for secret in [value.trim_start_matches("Bearer "), SECRET] {
            assert!(!format!("{run:?}").contains(secret), "{run:?}");
        }
    }
}

struct Provider {
    base: String,
    receiver: Receiver,
}

impl Provider {
    fn of(receiver: Receiver) -> Self {
        let base = receiver.url.strip_suffix("/webhook").unwrap().to_owned();
        Self { base, receiver }
    }
}

/// A `create` whose answer makes no sense, or gets lost, may have been done.
#[test]
fn an_unknown_outcome() {
    let create = |answer| {
        let provider = Provider::of(Receiver::answering(answer));
        let arguments = ["create", HOOK, "--timeout", "1", "--json"];
        let run = endpoints(&provider.base, &arguments);
        assert_eq!(run.code, 4, "{answer}: {run:?}");
        assert_eq!(run.json()["error"]["kind"], "unknown");
        assert!(run.stderr.contains("endpoints list"), "{run:?}");
    };
    // They wait for the same deadline together.
    std::thread::scope(|scope| {
        for answer in [
            "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>",
            "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{",
        ] {
            scope.spawn(move || create(answer));
        }
    });
    // A list changes nothing.
    let nonsense = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>");
    let provider = Provider::of(nonsense);
    assert_eq!(endpoints(&provider.base, &["list"]).code, 1);
    assert_eq!(endpoints("http://127.0.0.1:9", &["list"]).code, 3);
}
