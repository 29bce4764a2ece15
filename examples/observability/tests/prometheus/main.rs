//! The receiver, its alerts and its dashboard against the real Prometheus.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod picture;
mod server;

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use nano_webhook_test_kit::{Connection, Receiver, SignedRequest};
use serde_json::Value;
use tokio::io::AsyncReadExt as _;
use tokio::time::{sleep, timeout};

use server::{get, prometheus, query};

const SECRET: &str = "a secret for the receiver that is watched";
const PREVIOUS: &str = "the secret before, which is being replaced";
const HANG: Duration = Duration::from_secs(60);

#[tokio::test]
#[ignore = "long: needs prometheus"]
async fn prometheus_scrapes_alerts_and_fills_the_dashboard() {
    promtool(&["check", "rules", "alerts.yml"]);
    promtool(&["test", "rules", "alerts_test.yml"]);

    let collector = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let variables = [
        ("NANO_WEBHOOK_SECRET", SECRET),
        ("NANO_WEBHOOK_PREVIOUS_SECRET", PREVIOUS),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
    ];
    let program = env!("CARGO_BIN_EXE_observability");
    let mut receiver = Receiver::start(program, &variables).await.unwrap();
    let webhook = receiver.addr;
    let metrics = receiver.health.expect("it says where its metrics are");
    for (path, expected) in [("/healthz", 200), ("/readyz", 200), ("/webhook", 404)] {
        assert_eq!(get(metrics, path).await.status, expected, "{path}");
    }
    // The listener of the webhook shows nothing of it.
    assert_eq!(get(webhook, "/metrics").await.status, 404);
    let folder = tempfile::tempdir().unwrap();
    let (_prometheus, prometheus) = prometheus(folder.path(), metrics).await;

    let unreadable = r#"{"event":"job.completed"}"#;
    let mut rounds = 0;
    let filled = async {
        loop {
            // A rate needs growth between two scrapes: another task, and a duplicate.
            let completed = format!(
                r#"{{"event":"job.completed","task_id":"task_{rounds}","data":{{"url":"https://a"}}}}"#
            );
            for (body, status) in [(&*completed, 200), (&*completed, 200), (unreadable, 422)] {
                assert_eq!(deliver(webhook, body).await, status, "{body}");
            }
            rounds += 1;
            let missing = missing(prometheus).await;
            let firing = query(prometheus, r#"ALERTS{alertstate="firing"}"#).await;
            let fires = firing.iter().any(|alert| {
                alert["metric"]["alertname"].as_str() == Some("NanoWebhookInvalidEvents")
            });
            if missing.is_empty() && fires {
                break;
            }
            if rounds % 20 == 0 {
                println!("missing {missing:?}, firing {firing:?}");
            }
            sleep(Duration::from_millis(500)).await;
        }
    };
    timeout(HANG, filled)
        .await
        .expect("no alert, or a query without data");
    let count = |name: &str| format!(r#"sum(nano_webhook_{name})"#);
    for (name, least) in [
        (
            r#"deliveries_total{event="job.completed",outcome="duplicate"}"#,
            1.0,
        ),
        (r#"rejections_total{code="invalid_event"}"#, 2.0),
        (r#"matched_secrets_total{secret="current"}"#, 2.0),
    ] {
        let result = query(prometheus, &count(name)).await;
        let value: f64 = result[0]["value"][1].as_str().unwrap().parse().unwrap();
        assert!(value >= least, "{name} is {value}");
    }

    if let Ok(file) = std::env::var("NANO_WEBHOOK_PICTURE") {
        picture::draw(&file, webhook, prometheus).await;
    }

    // SIGTERM: not ready at first, and the traces are sent before the end.
    receiver.process.signal("-TERM");
    let unready = async { while get(metrics, "/readyz").await.status != 503 {} };
    timeout(HANG, unready).await.expect("still ready");
    let traces = timeout(HANG, traces(collector)).await.expect("no traces");
    for text in [
        "delivery",
        "task_1",
        "outcome",
        "messaging.message.body.size",
    ] {
        assert!(traces.contains(text), "no {text} in the traces");
    }
    assert_eq!(receiver.process.ended().await, Ok(0));
}

fn promtool(arguments: &[&str]) {
    let run = Command::new("promtool")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("promtool is missing; scripts/setup all installs it");
    assert!(run.status.success(), "{arguments:?}: {run:?}");
}

/// The dashboard's queries that return nothing.
async fn missing(prometheus: SocketAddr) -> Vec<String> {
    let dashboard: Value = serde_json::from_str(include_str!("../../dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let queries = (panels.iter())
        .flat_map(|panel| panel["targets"].as_array().unwrap())
        .map(|target| {
            target["expr"]
                .as_str()
                .unwrap()
                .replace("$__rate_interval", "1m")
        });
    let mut missing = Vec::new();
    let mut asked = 0;
    for text in queries {
        asked += 1;
        let result = query(prometheus, &text).await;
        // A quantile of nothing is not a number.
        if result.is_empty() || result.iter().any(|series| series["value"][1] == "NaN") {
            missing.push(text);
        }
    }
    assert!(asked >= panels.len() && asked > 0);
    missing
}

async fn deliver(addr: SocketAddr, body: &str) -> u16 {
    let request = SignedRequest::signed_now(SECRET, body).whole();
    let mut connection = Connection::open(addr).await;
    connection.exchange(&request).await.unwrap().status
}

/// What the first request to the collector says; its strings are text on the wire.
async fn traces(collector: tokio::net::TcpListener) -> String {
    let (mut stream, _) = collector.accept().await.unwrap();
    let mut bytes = Vec::new();
    // The exporter waits for an answer, and gets none: what it sends is enough.
    let _ = timeout(Duration::from_secs(2), stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}
