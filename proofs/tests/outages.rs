//! Receivers and Redis die, freeze and come back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use proofs::Evidence;
use support::RedisServer;
use support::{Kind, Receiver, Sender};

const PATIENCE: Duration = Duration::from_secs(120);

/// Its handler waits at a gate when its process is killed. The delivery is taken
/// over when the lease has run out, once, and the successor knows that it is one.
#[tokio::test]
async fn a_killed_receiver_is_taken_over_after_its_lease() {
    for (first, second) in [(Kind::Axum, Kind::Actix), (Kind::Actix, Kind::Axum)] {
        let redis = RedisServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let evidence = Evidence::new(folder.path().to_owned());
        evidence.create().unwrap();
        let lease = Duration::from_secs(3);
        let victim = Receiver::start(first, &redis.url(), folder.path(), lease).await;
        let successor = Receiver::start(second, &redis.url(), folder.path(), lease).await;
        let sender = Sender::new();

        let begun = Instant::now();
        let posted = tokio::spawn({
            let (sender, addr) = (sender.clone(), victim.addr);
            async move { sender.post(addr, "hold-1").await }
        });
        appears(&evidence.running("hold-1")).await;
        victim.kill().await;
        assert_eq!(
            posted.await.unwrap(),
            None,
            "the connection died with its process"
        );

        // Open before the next delivery: on a stalled machine that one takes over already.
        evidence.open_gate("hold-1").unwrap();
        // Until the lease has run out, no receiver takes over.
        let meanwhile = sender.post(successor.addr, "hold-1").await.unwrap();
        if begun.elapsed() < lease {
            assert_eq!(meanwhile.status, 503);
            assert!(meanwhile.body.contains("in_progress"));
        }
        sender
            .post_until_done(&[successor.addr], "hold-1", PATIENCE)
            .await;
        assert_eq!(
            evidence.done().unwrap(),
            [("hold-1".to_owned(), 2)],
            "by the second attempt"
        );

        // And it stays done.
        let again = sender.post(successor.addr, "hold-1").await.unwrap();
        assert_eq!(again.status, 200);
        assert_eq!(evidence.done().unwrap().len(), 1);
    }
}

/// While Redis is away, senders are told to come back; nothing hangs beyond the
/// command timeout, nothing panics, and in the end everything is done once.
#[tokio::test]
async fn redis_goes_away_and_comes_back() {
    for outage in [Outage::Killed, Outage::Frozen] {
        let mut redis = RedisServer::start_durable().await;
        let folder = tempfile::tempdir().unwrap();
        let evidence = Evidence::new(folder.path().to_owned());
        evidence.create().unwrap();
        let mut receivers = Vec::new();
        for kind in [Kind::Axum, Kind::Actix] {
            let lease = Duration::from_secs(2);
            receivers.push(Receiver::start(kind, &redis.url(), folder.path(), lease).await);
        }
        let sender = Sender::new();
        for (number, receiver) in receivers.iter().enumerate() {
            sender
                .post_until_done(&[receiver.addr], &format!("before-{number}"), PATIENCE)
                .await;
        }

        outage.begin(&mut redis).await;
        for (number, receiver) in receivers.iter().enumerate() {
            // `post` itself fails on a hang.
            let during = sender
                .post(receiver.addr, &format!("during-{number}"))
                .await
                .unwrap();
            assert_eq!(during.status, 503, "{outage:?}");
            assert!(
                during.body.contains("store_unavailable"),
                "{outage:?}: {}",
                during.body
            );
        }
        outage.end(&mut redis).await;

        for (number, receiver) in receivers.iter_mut().enumerate() {
            for when in ["before", "during", "after"] {
                let task = format!("{when}-{number}");
                sender
                    .post_until_done(&[receiver.addr], &task, PATIENCE)
                    .await;
            }
            assert!(receiver.is_alive(), "{outage:?}");
        }
        let mut done: Vec<String> = evidence
            .done()
            .unwrap()
            .into_iter()
            .map(|(task, _)| task)
            .collect();
        done.sort();
        let expected = [
            "after-0", "after-1", "before-0", "before-1", "during-0", "during-1",
        ]
        .map(str::to_owned);
        assert_eq!(done, expected, "{outage:?}");
        assert_eq!(evidence.overlaps().unwrap(), [""; 0]);
    }
}

/// A Redis that comes back empty has forgotten what was completed: a delivery
/// that is sent again is handled again. That is all: it does not lose one, and it
/// does not refuse one.
#[tokio::test]
async fn an_empty_redis_handles_again_but_loses_nothing() {
    let mut redis = RedisServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let evidence = Evidence::new(folder.path().to_owned());
    evidence.create().unwrap();
    let lease = Duration::from_secs(2);
    let receiver = Receiver::start(Kind::Axum, &redis.url(), folder.path(), lease).await;
    let sender = Sender::new();

    sender
        .post_until_done(&[receiver.addr], "task-1", PATIENCE)
        .await;
    let held = tokio::spawn({
        let (sender, addr) = (sender.clone(), receiver.addr);
        async move { sender.post(addr, "hold-1").await }
    });
    appears(&evidence.running("hold-1")).await;
    redis.restart_empty().await;
    evidence.open_gate("hold-1").unwrap();
    // Its claim is gone; the handler's answer stands all the same.
    assert_eq!(held.await.unwrap().unwrap().status, 200);

    for task in ["task-1", "task-2"] {
        sender
            .post_until_done(&[receiver.addr], task, PATIENCE)
            .await;
        sender
            .post_until_done(&[receiver.addr], task, PATIENCE)
            .await;
    }
    let done: Vec<String> = evidence
        .done()
        .unwrap()
        .into_iter()
        .map(|(task, _)| task)
        .collect();
    assert_eq!(done, ["task-1", "hold-1", "task-1", "task-2"]);
}

#[derive(Debug)]
enum Outage {
    Killed,
    Frozen,
}

impl Outage {
    async fn begin(&self, redis: &mut RedisServer) {
        match self {
            Self::Killed => redis.kill().await,
            Self::Frozen => redis.freeze(),
        }
    }

    async fn end(&self, redis: &mut RedisServer) {
        match self {
            Self::Killed => redis.restart().await,
            Self::Frozen => redis.thaw(),
        }
    }
}

async fn appears(path: &Path) {
    let begun = Instant::now();
    while !path.exists() {
        assert!(
            begun.elapsed() < PATIENCE,
            "{} does not appear",
            path.display()
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
