mod proxies;
#[cfg(feature = "stores")]
mod stores;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::receiver::answer;
use crate::support::{Background, Receiver, Run, SECRET, nano_webhook};

const OTHER: &str = "another-secret-of-0123456789";

/// A provider and a receiver, which takes deliveries at every path.
struct World {
    base: String,
    /// Without a path.
    receiver: String,
}

impl World {
    fn new() -> (Self, [Background; 2]) {
        let provider = Background::nano_webhook(&["simulate", "--addr", "127.0.0.1:0"]);
        let receiver = Background::nano_webhook(&["listen", "--addr", "127.0.0.1:0"]);
        let base = provider.address();
        let url = receiver.address();
        let world = Self {
            base,
            receiver: url.strip_suffix("/webhook").unwrap().to_owned(),
        };
        (world, [provider, receiver])
    }

    fn register(&self, url: &str, more: &[&str]) -> Value {
        let (base, more) = (&self.base, more.join(" "));
        let run = Run::line(&format!(
            "--json endpoints create {url} --base-url {base} {more}"
        ));
        assert_eq!(run.code, 0, "{run:?}");
        run.json()["webhook"]["id"].clone()
    }

    /// The exit code, and the codes of what was found.
    fn doctor(&self, url: &str, environment: &[(&str, &str)], more: &[&str]) -> (i32, String) {
        let run = Run::of(
            nano_webhook()
                .envs(environment.iter().copied())
                .env("NANO_WEBHOOK_BASE_URL", &self.base)
                .args(["--json", "doctor", url])
                .args(more),
        );
        for secret in [SECRET, OTHER, "v1="] {
            assert!(!format!("{run:?}").contains(secret), "{run:?}");
        }
        let report = run.json();
        let findings = report["findings"].as_array().unwrap();
        let codes: Vec<_> = (findings.iter())
            .map(|finding| finding["code"].as_str().unwrap())
            .collect();
        (run.code, codes.join(" "))
    }
}

/// One thing is wrong in each row, and nothing else is reported.
#[test]
#[rustfmt::skip]
fn deployments_without_a_proxy() {
    let (world, _processes) = &World::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, SECRET).unwrap();
    let file = file.to_str().unwrap();
    let (re_formats, eats, early, forged, own) =
        (world.re_formats(), world.eats(), clock_ahead(), Receiver::ok(), own_answers());
    let at = |path: &str| format!("{}{path}", world.receiver);
    type Register = fn(&World, &str);
    type Row<'r> = (String, Register, &'r [(&'r str, &'r str)], &'r str, i32);
    let once: Register = |world, url| drop(world.register(url, &[]));

    let rows: [Row<'_>; 19] = [
        (at("/sound"), once, &[], "", 0),
        (own.url.clone(), once, &[], "", 0),
        (at("/unknown"), |_, _| {}, &[], "not_registered", 1),
        (at("/slash"), |world, url| once_at(world, &format!("{url}/")), &[], "registered_nearly", 1),
        (at("/twice"), |world, url| { once_at(world, url); once_at(world, url); }, &[], "registered_twice", 1),
        (at("/inactive"), World::stop, &[], "registered_inactive", 1),
        (at("/events"), |world, url| drop(world.register(url, &["--event", "failed"])), &[], "events_missing", 1),
        ("http://127.0.0.1:9/webhook".to_owned(), once, &[], "url_unreachable", 3),
        (at("/secret"), once, &[("NANO_WEBHOOK_SECRET", OTHER)], "secret_differs", 1),
        (at("/rotated"), once, &[("NANO_WEBHOOK_SECRET", OTHER), ("NANO_WEBHOOK_PREVIOUS_SECRET", SECRET)], "receiver_has_previous_secret", 1),
        (at("/newline"), once, &[("NANO_WEBHOOK_SECRET", "a-secret-for-tests-0123456789\n")], "secret_decorated receiver_reads_secret_differently", 1),
        (at("/key"), once, &[("NANO_WEBHOOK_API_KEY", SECRET)], "secret_is_api_key", 1),
        (at("/open"), once, &[("NANO_WEBHOOK_SECRET_FILE", file)], "secret_readable", 1),
        (at("/idle"), once, &[("NANO_WEBHOOK_IDLE_TIMEOUT", "30")], "idle_timeout_short", 1),
        (at("/stores"), once, &[("NANO_WEBHOOK_REDIS_URL", "redis://a"), ("NANO_WEBHOOK_DATABASE_URL", "sqlite:a")], "store_settings", 1),
        (re_formats.url.clone(), once, &[], "body_changed", 1),
        (eats.url.clone(), once, &[], "body_lost", 1),
        (early.url.clone(), once, &[], "clock_outside_tolerance", 1),
        (forged.url.clone(), once, &[], "accepts_forgeries", 1),
    ];
    std::thread::scope(|scope| {
        for (url, register, environment, codes, exit) in &rows {
            scope.spawn(move || {
                register(world, url);
                let found = world.doctor(url, environment, &[]);
                assert_eq!(found, (*exit, (*codes).to_owned()), "{url}");
            });
        }
    });
    // The test event is accepted, and is a duplicate the second time.
    assert_eq!(world.doctor(&at("/sound"), &[], &["--test-event"]), (0, String::new()));
}

fn once_at(world: &World, url: &str) {
    world.register(url, &[]);
}

/// What a network sent stays text, and the words for people say what to do.
#[test]
fn words() {
    let provider = Receiver::with(|_| {
        let entry = r#"{"success":true,"data":[{"id":1,"url":"http://127.0.0.1:9/\u001b[31m","events":[],"status":"\u202eevitca"}]}"#;
        answer(200, entry)
    });
    let base = provider.url.strip_suffix("/webhook").unwrap();
    let run = Run::of(
        nano_webhook()
            .env("NANO_WEBHOOK_BASE_URL", base)
            .args(["doctor", "http://127.0.0.1:9/webhook"]),
    );
    assert_eq!(run.code, 3, "{run:?}");
    for text in [
        "error: not_registered\n  seen     in the list: webhook 1 (\\u{202e}evitca) at http://127.0.0.1:9/\\u{1b}[31m\n",
        "  do       Start the receiver",
        "\nnot checked: the store (no NANO_WEBHOOK_REDIS_URL",
    ] {
        assert!(run.stdout.contains(text), "{text}: {}", run.stdout);
    }
    assert_eq!(Run::line("doctor not-a-url").code, 2);
}

impl World {
    fn stop(&self, url: &str) {
        let id = self.register(url, &[]);
        let body = r#"{"status":"disabled"}"#;
        let head = format!(
            "PATCH /simulator/webhooks/{id} HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
        let answer = exchange(&self.base, &head, body.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// In front of the receiver, parses JSON and prints it again.
    fn re_formats(&self) -> Receiver {
        self.in_front(|body| {
            let value: Value = serde_json::from_slice(body).unwrap_or_default();
            value.to_string().into_bytes()
        })
    }

    /// In front of the receiver, drops bodies.
    fn eats(&self) -> Receiver {
        self.in_front(|_| Vec::new())
    }

    fn in_front(&self, change: fn(&[u8]) -> Vec<u8>) -> Receiver {
        let receiver = self.receiver.clone();
        Receiver::with(move |request| {
            let body = change(&request.body);
            let head = (request.head.lines())
                .filter(|line| line.starts_with("POST") || line.starts_with("x-nano-"))
                .fold(String::new(), |head, line| head + line + "\r\n");
            let head = match head.as_str() {
                "" => "GET / HTTP/1.1\r\n",
                head => head,
            };
            let head = format!("{head}content-length: {}\r\n", body.len());
            exchange(&receiver, &head, &body)
        })
    }
}

fn exchange(base: &str, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
    write!(stream, "{head}host: localhost\r\nconnection: close\r\n\r\n").unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.replacen("connection: close\r\n", "x-then: close\r\n", 1)
}

/// A receiver whose clock is ten minutes ahead.
fn clock_ahead() -> Receiver {
    Receiver::with(|request| {
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(600));
        let body = match request.head.starts_with("POST") && request.is_signed(SECRET) {
            true => r#"{"code":"invalid_event"}"#,
            false => r#"{"code":"signature_mismatch"}"#,
        };
        let head =
            format!("HTTP/1.1 400 A\r\ndate: {date}\r\ncontent-type: application/problem+json\r\n");
        format!("{head}content-length: {}\r\n\r\n{body}", body.len())
    })
}

/// A receiver without this library: it verifies, and answers in its own way.
fn own_answers() -> Receiver {
    Receiver::with(|request| {
        if !request.head.starts_with("POST") {
            return answer(404, "");
        }
        answer(if request.is_signed(SECRET) { 200 } else { 403 }, "")
    })
}
