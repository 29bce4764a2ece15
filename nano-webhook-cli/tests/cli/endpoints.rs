use serde_json::{Value, json};

use crate::support::{Background, Receiver, Run, SECRET, nano_webhook};

const HOOK: &str = "https://example.com/webhook";

fn provider() -> (Background, String) {
    let simulator = Background::nano_webhook(&["simulate", "--addr", "127.0.0.1:0"]);
    let url = simulator.address();
    (simulator, url)
}

fn endpoints(base: &str, arguments: &[&str]) -> Run {
    Run::of(
        nano_webhook()
            .arg("endpoints")
            .args(arguments)
            .args(["--base-url", base]),
    )
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
    endpoints(&base, &["create", HOOK, "--event", "completed"]);
    let (change, found) = ensure(&["--event", "job.completed"]);
    assert_eq!(change, "deduplicated");
    assert_eq!(found["deleted"], json!([2]));
    assert_eq!(ids(&base), [3]);

    let run = endpoints(&base, &["ensure", HOOK, "--event", "completed"]);
    assert_eq!(
        run.stdout,
        format!("unchanged webhook 3 (active): job.completed → {HOOK}\n")
    );
}

#[test]
fn rotate_replaces() {
    let (_provider, base) = provider();
    endpoints(&base, &["create", HOOK]);
    let run = endpoints(&base, &["rotate", HOOK, "--generate-secret", "--json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let found = run.json();
    assert_eq!(found["webhook"]["id"], 2);
    assert_eq!(found["deleted"], json!([1]));
    check_generated(&found["secret_key"]);
    assert_eq!(ids(&base), [2]);
}

#[test]
fn rotate_keeps_the_events() {
    let (_provider, base) = provider();
    endpoints(&base, &["create", HOOK, "--event", "failed"]);
    let rotate = |events: &[&str]| {
        let arguments = [&["rotate", HOOK, "--generate-secret", "--json"], events].concat();
        endpoints(&base, &arguments)
    };
    let run = rotate(&[]);
    assert_eq!(
        run.json()["webhook"]["events"],
        json!(["job.failed"]),
        "{run:?}"
    );

    endpoints(&base, &["create", HOOK, "--event", "completed"]);
    let run = rotate(&[]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(ids(&base), [2, 3]);
    let run = rotate(&["--event", "completed"]);
    assert_eq!(
        run.json()["webhook"]["events"],
        json!(["job.completed"]),
        "{run:?}"
    );
}

fn check_generated(secret: &Value) {
    let secret = secret.as_str().unwrap();
    assert_eq!(secret.len(), 64);
    assert!(secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

/// 256 bits, another one each time, shown once, and the one that signs.
#[test]
fn a_generated_secret() {
    let (_provider, base) = provider();
    let receiver = Receiver::ok();
    let create = || {
        let run = endpoints(
            &base,
            &["create", &receiver.url, "--generate-secret", "--json"],
        );
        assert_eq!(run.code, 0, "{run:?}");
        let secret = run.json()["secret_key"].clone();
        check_generated(&secret);
        secret.as_str().unwrap().to_owned()
    };
    let secret = create();
    let run = Run::of(nano_webhook().args(["trigger", "completed", "--simulator", &base]));
    assert_eq!(run.code, 0, "{run:?}");
    let request = receiver.request();
    assert_eq!(
        request.header("x-nano-signature"),
        crate::support::sign::signature(&secret, request.header("x-nano-timestamp"), &request.body)
    );
    assert_ne!(create(), secret);

    let run = endpoints(&base, &["create", HOOK, "--generate-secret"]);
    let line = run.stdout.lines().nth(1).unwrap();
    check_generated(&line.strip_prefix("secret: ").unwrap().into());
    assert!(run.stderr.contains("Keep it now"), "{run:?}");

    // `ensure` finds one, so a new secret is of no use.
    let run = endpoints(&base, &["ensure", HOOK, "--generate-secret", "--json"]);
    assert_eq!(run.json().get("secret_key"), None);
    assert!(run.stderr.contains("thrown away"), "{run:?}");
}

#[test]
fn a_generated_secret_in_a_file() {
    let (_provider, base) = provider();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let path = file.to_str().unwrap();
    let with_file = ["--generate-secret", "--secret-out", path];
    let run = endpoints(&base, &[&["ensure", HOOK], &with_file[..]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let secret = std::fs::read_to_string(&file).unwrap();
    check_generated(&secret.trim_end().into());
    assert!(!run.stdout.contains(secret.trim_end()), "{run:?}");
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");

    // A file that is there is not overwritten, and nothing is created.
    let run = endpoints(&base, &[&["create", HOOK], &with_file[..]].concat());
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), secret);
    assert_eq!(ids(&base), [1]);

    // One that would hold a secret that nobody uses does not stay.
    std::fs::remove_file(&file).unwrap();
    let run = endpoints(&base, &[&["ensure", HOOK], &with_file[..]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!file.exists());
    let run = endpoints(
        "http://127.0.0.1:9",
        &[&["create", HOOK], &with_file[..]].concat(),
    );
    assert_eq!(run.code, 3, "{run:?}");
    assert!(!file.exists());
}

#[test]
fn without_a_secret_only_if_asked() {
    let (_provider, base) = provider();
    let run = Run::of(nano_webhook().env_remove("NANO_WEBHOOK_SECRET").args([
        "endpoints",
        "create",
        HOOK,
        "--base-url",
        &base,
    ]));
    assert_eq!(run.code, 2, "{run:?}");
    assert!(ids(&base).is_empty());
    assert_eq!(endpoints(&base, &["create", HOOK, "--no-secret"]).code, 0);
}

/// The key goes out as it should, and comes back from nowhere.
#[test]
fn keys() {
    let answer = "HTTP/1.1 403 No\r\ncontent-length: 44\r\n\r\n{\"success\":false,\"message\":\"key hunter2-long\"}";
    for (arguments, header, value) in [
        (&[][..], "authorization", "Bearer hunter2-long"),
        (
            &["--api-key-env", "OTHER"],
            "authorization",
            "Bearer hunter2-other",
        ),
        (
            &["--api-key-file", "-"],
            "authorization",
            "Bearer hunter2-piped",
        ),
        (&["--auth-header", "X-Api-Key"], "x-api-key", "hunter2-long"),
    ] {
        let provider = Provider::answering(answer);
        let run = Run::of(
            nano_webhook()
                .env("NANO_WEBHOOK_API_KEY", "hunter2-long")
                .env("OTHER", "hunter2-other")
                .env("NANO_WEBHOOK_BASE_URL", &provider.base)
                .args(["endpoints", "create", HOOK])
                .args(arguments)
                .write_stdin("hunter2-piped\n"),
        );
        let request = provider.receiver.request();
        assert_eq!(request.header(header), value);
        let sent: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(sent["secret_key"], SECRET);
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
    fn answering(answer: &'static str) -> Self {
        let receiver = Receiver::answering(answer);
        let base = receiver.url.strip_suffix("/webhook").unwrap().to_owned();
        Self { base, receiver }
    }
}

/// A `create` whose answer makes no sense, or gets lost, may have been done.
#[test]
fn an_unknown_outcome() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>",
        "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{",
    ] {
        let provider = Provider::answering(answer);
        let run = endpoints(
            &provider.base,
            &["create", HOOK, "--timeout", "1", "--json"],
        );
        assert_eq!(run.code, 4, "{answer}: {run:?}");
        assert_eq!(run.json()["error"]["kind"], "unknown");
        assert!(run.stderr.contains("endpoints list"), "{run:?}");
    }
    // A list changes nothing.
    let provider = Provider::answering("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>");
    assert_eq!(endpoints(&provider.base, &["list"]).code, 1);
    assert_eq!(endpoints("http://127.0.0.1:9", &["list"]).code, 3);
}
