//! The example is killed at any moment, and the balance is right.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nano_webhook_axum::{Secret, Signer, UnixTime};
use sqlx::SqlitePool;

const SECRET: &str = "a secret for the examples only";

fn start(folder: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_exactly-once"))
        .env("NANO_WEBHOOK_SECRET", SECRET)
        .env("RUST_LOG", "warn")
        .env("NANO_WEBHOOK_ADDR", "127.0.0.1:0")
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    let url = line.strip_prefix("listening on ").unwrap().to_owned();
    (child, url)
}

/// Sends a delivery. 0: no answer.
async fn send(url: &str, task: usize) -> u16 {
    let body = format!(
        r#"{{"event":"job.completed","task_id":"task_{task}","data":{{"url":"https://cdn.example.com/1.png","credits_charged":6}}}}"#
    );
    let signed = Signer::new(Secret::new(SECRET).unwrap()).sign(UnixTime::now(), body.as_bytes());
    let request = reqwest::Client::new().post(url);
    let request = (signed.to_pairs().into_iter()).fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    let answer = request.body(body).send().await;
    answer.map_or(0, |answer| answer.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_job_is_credited_once_over_kills() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = fastrand::Rng::new();
    for round in 0..5 {
        let (mut child, url) = start(folder.path());
        let sending = (0..40).map(|task| {
            let url = url.clone();
            tokio::spawn(async move { send(&url, task).await })
        });
        let sending: Vec<_> = sending.collect();
        // The last round is left in peace, and the leases of the others run out.
        if round < 4 {
            tokio::time::sleep(Duration::from_millis(random.u64(5..60))).await;
        } else {
            for sent in sending {
                sent.await.unwrap();
            }
            for task in 0..40 {
                while send(&url, task).await != 200 {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let file = folder.path().join("webhooks.db");
    let url = format!("sqlite:{}", file.display());
    let balance: i64 = sqlx::query_scalar("SELECT credits FROM balance")
        .fetch_one(&SqlitePool::connect(&url).await.unwrap())
        .await
        .unwrap();
    assert_eq!(balance, 40 * 6);
}
