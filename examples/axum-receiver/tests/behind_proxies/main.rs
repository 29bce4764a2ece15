//! The receivers behind the real nginx, HAProxy and Caddy, each with the configuration that
//! the guide shows: bodies and headers pass untouched, and every rejection arrives.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice
)]

mod proxy;
mod row;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_test_kit::{Framework, Receiver};
use tokio::task::JoinSet;

use proxy::{PROXIES, Proxy};
use row::{deliver, rows};

const SECRET: &str = "a secret for the receivers behind proxies";
const HANG: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: needs nginx, HAProxy and Caddy"]
async fn rejections_and_deliveries_pass_through_proxies() {
    let mut trials = JoinSet::new();
    for framework in Framework::ALL {
        let program = match framework {
            Framework::Axum => PathBuf::from(env!("CARGO_BIN_EXE_axum-receiver")),
            Framework::Actix => framework.program(),
        };
        for proxy in &PROXIES {
            let program = program.clone();
            trials.spawn(async move {
                let differing = differing(proxy, &program).await;
                differing.map(|row| format!("{}, {framework:?}: {row}", proxy.name))
            });
        }
    }
    let differing: Vec<_> = trials.join_all().await.into_iter().flatten().collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// The first request whose answer differs. Those of a row are sent at the same time.
async fn differing(proxy: &'static Proxy, program: &Path) -> Option<String> {
    let variables = [("NANO_WEBHOOK_SECRET", SECRET)];
    let receiver = Receiver::start(program, &variables).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let _running = proxy.start(folder.path(), &receiver).await;
    for row in rows(proxy.stalled) {
        let (row, mut senders) = (Arc::new(row), JoinSet::new());
        for _ in 0..row.times {
            let (row, socket) = (Arc::clone(&row), folder.path().join("socket"));
            senders.spawn(async move { deliver(&socket, &row).await });
        }
        let expected = (row.status).map_or(String::new(), |status| format!("HTTP/1.1 {status} "));
        let answers = senders.join_all().await;
        let differs = |answer: &String| {
            answer.is_empty() != expected.is_empty() || !answer.starts_with(&expected)
        };
        if let Some(answer) = answers.into_iter().find(differs) {
            return Some(format!("{}: {answer:?}", row.name));
        }
    }
    None
}
