use std::time::Duration;

use nano_webhook_simulator::{DeliveryOutcome, Job};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::receiver::{Receiver, mute, status};
use crate::{BOTH, secret, simulator};

/// A wait for the next attempt is not waited for.
#[tokio::test]
async fn waiting_deliveries_are_cancelled() {
    let receiver = Receiver::start(vec![status(500)]).await;
    let hour = Duration::from_secs(3600);
    let simulator = simulator()
        .backoff(hour, hour)
        .start("127.0.0.1:0")
        .await
        .unwrap();
    simulator
        .register(&receiver.url, BOTH, Some(secret()))
        .await
        .unwrap();
    let mut attempts = simulator.watch();
    let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
    attempts.next().await.unwrap();

    simulator.shutdown().await;
    let report = triggered.finished().await;
    assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::Cancelled);
    assert_eq!(report.deliveries[0].attempts.len(), 1);
    assert_eq!(attempts.next().await, None);
}

/// An attempt that runs comes to its end.
#[tokio::test]
async fn running_attempts_are_waited_for() {
    let (url, listener) = mute().await;
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    simulator.register(url, BOTH, Some(secret())).await.unwrap();
    let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();

    let shutdown = tokio::spawn(simulator.shutdown());
    tokio::task::yield_now().await;
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        .await
        .unwrap();
    shutdown.await.unwrap();
    assert!(triggered.finished().await.is_delivered());
}

/// What does not come to its end within the grace is cut off.
#[tokio::test]
async fn the_grace_is_limited() {
    let (url, listener) = mute().await;
    let simulator = simulator().shutdown_grace(Duration::from_millis(20));
    let simulator = simulator.start("127.0.0.1:0").await.unwrap();
    // A client that never finishes its request head.
    let mut trickler = TcpStream::connect(simulator.addr()).await.unwrap();
    trickler.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    simulator.register(url, BOTH, Some(secret())).await.unwrap();
    let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
    let (_stream, _) = listener.accept().await.unwrap();

    simulator.shutdown().await;
    let report = triggered.finished().await;
    assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::Cancelled);
    let mut rest = Vec::new();
    // Closed or reset, but over.
    let _ = trickler.read_to_end(&mut rest).await;
}

#[tokio::test]
async fn dropping_cuts_everything_off() {
    let (url, listener) = mute().await;
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    let addr = simulator.addr();
    simulator.register(url, BOTH, Some(secret())).await.unwrap();
    let mut attempts = simulator.watch();
    let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
    let (_stream, _) = listener.accept().await.unwrap();

    drop(simulator);
    let report = triggered.finished().await;
    assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::Cancelled);
    assert_eq!(attempts.next().await, None);
    // The listener goes with the task that serves.
    while let Ok(mut stream) = TcpStream::connect(addr).await {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
}
