//! Four processes: the simulated provider, the registration, a service with this
//! library, and the job that ends.

use std::process::Command;

use nano_webhook_test_kit::Framework;

use crate::support::{Background, Run, SECRET, nano_webhook};

#[test]
fn provider_registration_receiver_trigger() {
    let simulator = Background::nano_webhook(&["simulate", "--addr", "127.0.0.1:0"]);
    let provider = simulator.address();
    let mut command = Command::new(Framework::Axum.program());
    for name in ["NANO_WEBHOOK_ADDR", "NANO_WEBHOOK_ADMIN_ADDR"] {
        command.env(name, "127.0.0.1:0");
    }
    command.env("NANO_WEBHOOK_SECRET", SECRET);
    let receiver = Background::start(command);
    let _health = receiver.address();
    let webhook = receiver.address();

    let ensure = || {
        let run = Run::line(&format!(
            "endpoints ensure {webhook} --base-url {provider} --json"
        ));
        assert_eq!(run.code, 0, "{run:?}");
        run.json()["change"].as_str().unwrap().to_owned()
    };
    assert_eq!(ensure(), "created");
    assert_eq!(ensure(), "unchanged");

    let trigger = |arguments: &[&str]| {
        let run = Run::of(
            nano_webhook()
                .args(["--json", "trigger", "--simulator", &provider])
                .args(arguments),
        );
        assert_eq!(run.code, 0, "{run:?}");
        let report = run.json();
        let deliveries = report["deliveries"].as_array().unwrap();
        assert_eq!(deliveries.len(), 1, "{report}");
        let attempts = deliveries[0]["attempts"].as_array().unwrap();
        assert_eq!(attempts.len(), 1, "{report}");
        let line = simulator.line();
        assert!(line.contains("attempt 1: 200"), "{line}");
    };
    let result = ["--result-url", "https://cdn.example.com/1.png"];
    trigger(&[&["completed", "--task-id", "task_1"], &result[..]].concat());
    let handled = receiver.json();
    assert_eq!(handled["event"], "job.completed");
    assert_eq!(handled["task_id"], "task_1");
    assert_eq!(handled["url"], "https://cdn.example.com/1.png");

    // The same task again: acknowledged, and not handled. What is printed next
    // is the next task's.
    trigger(&["completed", "--task-id", "task_1"]);
    trigger(&["failed", "--task-id", "task_2", "--reason", "out of memory"]);
    let handled = receiver.json();
    assert_eq!(handled["event"], "job.failed");
    assert_eq!(handled["task_id"], "task_2");
    assert_eq!(handled["reason"], "out of memory");

    // A forgery and a stale delivery are rejected.
    for arguments in [
        "--expect 401 --tamper body",
        "--expect 401 --stale=600 --millis",
        "--task-id task_3",
    ] {
        let run = Run::line(&format!("send {webhook} {arguments}"));
        assert_eq!(run.code, 0, "{run:?}");
    }
    assert_eq!(receiver.json()["task_id"], "task_3");

    assert_eq!(receiver.interrupt(), (0, Vec::new()));
    assert_eq!(simulator.interrupt().0, 0);
}
