use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use nano_webhook_core::UnixTime;
use nano_webhook_test_kit::{Connection, SignedRequest};
use tokio::time::{Instant, interval};

use crate::{PREVIOUS, SECRET};

/// The picture shows the last three minutes; a rate looks back for one more.
const TRAFFIC: Duration = Duration::from_secs(250);

/// Draws the dashboard into this file, after some minutes of traffic of every kind.
pub(crate) async fn draw(file: &str, webhook: SocketAddr, prometheus: SocketAddr) {
    let mut random = fastrand::Rng::with_seed(1);
    let mut pace = interval(Duration::from_millis(80));
    let end = Instant::now() + TRAFFIC;
    let mut task = 0;
    while Instant::now() < end {
        pace.tick().await;
        // More and less, as days have it.
        let minutes = (end - Instant::now()).as_secs_f64() / 60.0;
        if random.f64() > 0.6 + 0.35 * (minutes * 2.5).sin() {
            continue;
        }
        task += 1;
        for request in requests(task, &mut random) {
            let mut connection = Connection::open(webhook).await;
            connection.exchange(request.whole()).await.unwrap();
        }
    }
    let drawn = Command::new("node")
        .args(["dashboard.mjs", &format!("http://{prometheus}"), file])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(drawn.success());
}

/// One task's requests: its delivery, and now and then a duplicate, a forgery or another
/// of the things that happen.
fn requests(task: usize, random: &mut fastrand::Rng) -> Vec<SignedRequest> {
    let data = "x".repeat(random.usize(..1_500));
    let body = match random.usize(..100) {
        0..3 => format!(r#"{{"event":"job.progress","task_id":"p{task}"}}"#),
        3..15 => format!(r#"{{"event":"job.failed","task_id":"p{task}","error":"{data}"}}"#),
        _ => format!(
            r#"{{"event":"job.completed","task_id":"p{task}","data":{{"url":"https://a/{data}"}}}}"#
        ),
    };
    // The older secret is used less and less.
    let secret = match random.usize(..task.max(400)) < 100 {
        true => PREVIOUS,
        false => SECRET,
    };
    let late = Duration::from_millis(random.u64(..1_000).pow(3) / 40_000_000);
    let signed_at = UnixTime::now().saturating_sub(late);
    let request = SignedRequest::signed(secret, signed_at, body.clone());
    let mut requests = vec![request.clone()];
    match random.usize(..100) {
        0..8 => requests.push(request),
        8..11 => requests.push(request.forged()),
        11..13 => {
            let old = UnixTime::now().saturating_sub(Duration::from_secs(900));
            requests.push(SignedRequest::signed(secret, old, body));
        }
        13 => requests.push(SignedRequest::signed_now(
            secret,
            r#"{"event":"job.completed"}"#,
        )),
        _ => {}
    }
    requests
}
