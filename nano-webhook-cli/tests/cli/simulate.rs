use crate::support::{Background, Receiver, Run, SECRET};

fn simulating(arguments: &str) -> (Background, String) {
    let line = format!("simulate --addr 127.0.0.1:0 --json {arguments}");
    let simulator = Background::nano_webhook(&Vec::from_iter(line.split_whitespace()));
    let first = simulator.json();
    assert_eq!(first["type"], "listening");
    let url = first["url"].as_str().unwrap().to_owned();
    (simulator, url)
}

fn trigger(simulator: &str, arguments: &str) -> Run {
    Run::line(&format!("trigger --simulator {simulator} {arguments}"))
}

fn register(simulator: &str, url: &str, arguments: &str) {
    let run = Run::line(&format!(
        "endpoints create {url} --base-url {simulator} {arguments}"
    ));
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_job_ends() {
    let receiver = Receiver::ok();
    let (simulator, url) = simulating("");
    register(&url, &receiver.url, "");

    let run = trigger(&url, "completed --task-id t1 --credits 3 --json");
    assert_eq!(run.code, 0, "{run:?}");
    let report = run.json();
    assert_eq!(report["event"], "job.completed");
    assert_eq!(report["deliveries"][0]["outcome"], "delivered");
    let request = receiver.request();
    assert!(request.is_signed(SECRET));
    let body = request.json();
    assert_eq!(body["task_id"], "t1");
    assert_eq!(body["data"]["credits_charged"], 3);
    let shown = simulator.json();
    assert_eq!(shown["type"], "attempt");
    assert_eq!(shown["result"]["status"], 200);

    let run = trigger(&url, "failed --task-id t2 --reason overloaded");
    assert_eq!(run.code, 0, "{run:?}");
    let shown = &run.stdout;
    assert!(shown.starts_with("job.failed t2\n"), "{shown}");
    assert!(
        shown.contains("attempt 1: 200 {\"ok\":true} in "),
        "{shown}"
    );
    let outcome = format!("delivered to {}\n", receiver.url);
    assert!(shown.ends_with(&outcome), "{shown}");
    assert_eq!(receiver.request().json()["data"]["error"], "overloaded");
    assert!(!run.stdout.contains("v1="), "{run:?}");

    let (code, _) = simulator.interrupt();
    assert_eq!(code, 0);
}

#[test]
fn retries_are_shown() {
    let receiver = Receiver::answering("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n");
    let (simulator, url) = simulating("--attempts 3 --backoff 0.001");
    register(&url, &receiver.url, "--event completed");
    let run = trigger(&url, "completed");
    assert_eq!(run.code, 1, "{run:?}");
    for text in [
        "attempt 1: 500",
        "again in",
        "attempt 3: 500",
        "given up to",
    ] {
        assert!(run.stdout.contains(text), "{text}: {run:?}");
    }
    for attempt in 1..=3 {
        assert_eq!(simulator.json()["attempt"], attempt);
    }
    // No webhook subscribes to this.
    let run = trigger(&url, "failed");
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("no active webhook"), "{run:?}");
    let run = trigger(&url, "failed --no-wait");
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn only_this_machine() {
    let (_simulator, url) = simulating("");
    register(&url, "http://192.0.2.1/webhook", "");
    let run = trigger(&url, "completed --json");
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(run.json()["deliveries"][0]["outcome"], "refused");
}

#[test]
fn what_a_simulator_refuses() {
    let (_simulator, url) = simulating("");
    let run = trigger(&url, "completed --reason none");
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("reason"), "{run:?}");
    let other = Receiver::ok();
    let run = trigger(other.url.strip_suffix("/webhook").unwrap(), "completed");
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("not a simulator"), "{run:?}");
}

#[test]
fn a_key_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "the-key-of-this-test\n").unwrap();
    let key = key.to_str().unwrap();
    for header in ["", "--auth-header X-Api-Key"] {
        let with_key = format!("--api-key-file {key} {header}");
        let (_simulator, url) = simulating(&with_key);
        let run = trigger(&url, "completed --no-wait");
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stderr.contains("401"), "{run:?}");
        let run = trigger(&url, &format!("completed --no-wait {with_key}"));
        assert_eq!(run.code, 0, "{run:?}");
        register(&url, "http://127.0.0.1:9/", &with_key);
    }
}

#[test]
fn text_for_people() {
    let receiver = Receiver::ok();
    let simulator = Background::nano_webhook(&["simulate", "--addr", "127.0.0.1:0"]);
    let url = simulator.address();
    register(&url, &receiver.url, "");
    assert_eq!(trigger(&url, "completed --task-id t1").code, 0);
    let line = simulator.line();
    for text in [
        "job.completed t1 → webhook 1 http://127.0.0.1:",
        "attempt 1: 200 {\"ok\":true} in ",
    ] {
        assert!(line.contains(text), "{line}");
    }
}
