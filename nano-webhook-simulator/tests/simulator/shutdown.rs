use std::time::Duration;

use nano_webhook_simulator::{DeliveryOutcome, Job};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::receiver::{Receiver, mute, status};
use crate::{register, settings, start};

/// A shutdown does not wait for the time of the next attempt.
#[tokio::test]
async fn waiting_deliveries_are_cancelled() {
    let receiver = Receiver::start(vec![status(500)]).await;
    let hour = Duration::from_secs(3600);
    let simulator = start(settings().backoff(hour, hour)).await;
    register(&simulator, &receiver.url).await;
    let mut attempts = simulator.watch();
    let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
    attempts.next().await.unwrap();

    simulator.shutdown().await;
    let report = triggered.finished().await;
    assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::Cancelled);
    assert_eq!(report.deliveries[0].attempts.len(), 1);
    assert_eq!(attempts.next().await, None);
}

#[tokio::test]
async fn running_attempts_finish() {
    let (url, listener) = mute().await;
    let simulator = start(settings()).await;
    register(&simulator, &url).await;
    let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();

    let addr = simulator.addr();
    let shutdown = tokio::spawn(simulator.shutdown());
    // The shutdown has begun when no connection is accepted.
    while TcpStream::connect(addr).await.is_ok() {}
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(answer).await.unwrap();
    shutdown.await.unwrap();
    assert!(triggered.finished().await.is_delivered());
}

/// Attempts and requests that do not end within the grace period are cancelled.
#[tokio::test]
async fn the_grace_period_ends() {
    let (url, listener) = mute().await;
    let simulator = start(settings().shutdown_grace(Duration::from_millis(20))).await;
    // A client that never finishes its request head.
    let mut trickler = TcpStream::connect(simulator.addr()).await.unwrap();
    trickler.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    register(&simulator, &url).await;
    let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
    let (_stream, _) = listener.accept().await.unwrap();

    simulator.shutdown().await;
    let report = triggered.finished().await;
    assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::Cancelled);
}

#[tokio::test]
async fn dropping_cancels_everything() {
    let (url, listener) = mute().await;
    let simulator = start(settings()).await;
    let addr = simulator.addr();
    register(&simulator, &url).await;
    let mut attempts = simulator.watch();
    let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
    let (_stream, _) = listener.accept().await.unwrap();

    drop(simulator);
    let report = triggered.finished().await;
    assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::Cancelled);
    assert_eq!(attempts.next().await, None);
    // The task that serves closes the listener.
    while let Ok(mut stream) = TcpStream::connect(addr).await {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
}

/// A request that is being read when the grace period ends.
#[tokio::test]
async fn no_job_ends_after_a_shutdown() {
    let simulator = start(settings().shutdown_grace(Duration::from_millis(20))).await;
    let mut client = TcpStream::connect(simulator.addr()).await.unwrap();
    let head = b"POST /simulator/jobs HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n\
        content-type: application/json\r\ncontent-length: 20\r\nconnection: close\r\n\r\n";
    client.write_all(head).await.unwrap();
    // The simulator waits for the body.
    let mut interim = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    client.read_exact(&mut interim).await.unwrap();

    simulator.shutdown().await;
    client.write_all(br#"{"outcome":"failed"}"#).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
}
