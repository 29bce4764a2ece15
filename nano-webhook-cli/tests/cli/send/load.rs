use std::collections::BTreeSet;

use crate::support::{Receiver, Run, SECRET};

fn sent(url: &str, arguments: &str) -> Run {
    Run::line(&format!("send {url} {arguments}"))
}

#[test]
fn many() {
    let receiver = Receiver::ok();
    let run = sent(&receiver.url, "--repeat 50 --concurrency 7 --json");
    assert_eq!(run.code, 0, "{run:?}");
    let found = run.json();
    assert_eq!(found["planned"], 50);
    assert_eq!(found["answered"], 50);
    assert_eq!(found["as_expected"], 50);
    assert_eq!(found["no_answer"], 0);
    assert_eq!(found["statuses"]["200"], 50);
    let latency = |name: &str| found["latency_ms"][name].as_f64().unwrap();
    assert!(latency("p50") > 0.0);
    assert!(latency("p50") <= latency("p90") && latency("p90") <= latency("p99"));
    // The histogram keeps three digits.
    assert!(latency("p99") <= latency("max") * 1.001, "{found}");
    // Standard error is no terminal, so it has no progress bar.
    assert_eq!(run.stderr, "");

    // Each has a task of its own, and its own signature.
    let tasks: BTreeSet<_> = (0..50)
        .map(|_| {
            let request = receiver.request();
            assert!(request.is_signed(SECRET));
            request.json()["task_id"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(tasks.len(), 50);
}

/// A service that ends each connection after its answer.
#[test]
fn many_to_a_service_that_ends_connections() {
    let receiver =
        Receiver::answering("HTTP/1.1 200 OK\r\nx-then: close\r\ncontent-length: 0\r\n\r\n");
    let run = sent(&receiver.url, "--repeat 200 --concurrency 4 --json");
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.json()["answered"], 200);
}

#[test]
fn many_of_one_task() {
    let receiver = Receiver::ok();
    let run = sent(&receiver.url, "--repeat 5 --task-id t");
    assert_eq!(run.code, 0, "{run:?}");
    for _ in 0..5 {
        assert_eq!(receiver.request().json()["task_id"], "t");
    }
    assert!(run.stdout.starts_with("5 answered in "), "{run:?}");
    assert!(run.stdout.contains("       5  200 OK\n"), "{run:?}");
    for name in ["p50", "p90", "p99", "max"] {
        assert!(run.stdout.contains(name), "{run:?}");
    }
}

#[test]
fn many_that_fail() {
    let refusal = Receiver::answering("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n");
    for (url, code, answered) in [(refusal.url.as_str(), 1, 3), ("http://127.0.0.1:0/", 3, 0)] {
        let run = sent(url, "--repeat 3 --json");
        assert_eq!(run.code, code, "{run:?}");
        let found = run.json();
        assert_eq!(found["answered"], answered, "{found}");
        assert_eq!(found["no_answer"], 3 - answered, "{found}");
        assert_eq!(found["as_expected"], 0, "{found}");
    }
}
