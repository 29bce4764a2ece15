//! Receivers and Redis die, freeze and come back.

use std::time::{Duration, Instant};

use nano_webhook_test_kit::RedisServer;

use crate::{ACTIX, AXUM, Fleet, PATIENCE, post};

/// The handler waits at a gate when its process is killed. The delivery is taken over
/// once, when the lease has run out, and the successor sees it by the attempt.
#[tokio::test]
async fn a_killed_receiver_is_taken_over_after_its_lease() {
    for programs in [[AXUM, ACTIX], [ACTIX, AXUM]] {
        let lease = Duration::from_secs(3);
        let redis = RedisServer::start().await;
        let fleet = Fleet::start(&redis.url(), &programs, lease).await;
        let begun = Instant::now();
        let posted = tokio::spawn(post_owned(fleet.addr(0)));
        fleet.runs("hold-1").await;
        fleet.kill(0).await;
        assert_eq!(
            posted.await.unwrap(),
            None,
            "the connection died with its process"
        );

        // Open before the next delivery: on a stalled machine that one takes over already.
        fleet.evidence.open_gate("hold-1").unwrap();
        // Until the lease has run out, no receiver takes over.
        let meanwhile = post(fleet.addr(1), "hold-1").await.unwrap();
        if begun.elapsed() < lease {
            assert_eq!(meanwhile.summary(), "503 in_progress");
        }
        fleet.deliver(1, "hold-1").await;
        // And it stays done.
        assert_eq!(fleet.deliver(1, "hold-1").await, [200]);
        let done = fleet.evidence.done().unwrap();
        let attempts: Vec<_> = done
            .iter()
            .map(|done| (&*done.task, done.attempt))
            .collect();
        assert_eq!(attempts, [("hold-1", 2)], "by the second attempt");
    }
}

async fn post_owned(addr: std::net::SocketAddr) -> Option<u16> {
    post(addr, "hold-1").await.map(|answer| answer.status)
}

/// While Redis is away, senders are told to come back; nothing hangs beyond the command
/// timeout, nothing panics, and in the end everything is done once.
#[tokio::test]
async fn redis_goes_away_and_comes_back() {
    for frozen in [false, true] {
        let mut redis = RedisServer::start_with(RedisServer::DURABLE).await;
        let fleet = Fleet::start(&redis.url(), &[AXUM, ACTIX], Duration::from_secs(2)).await;
        for receiver in 0..2 {
            fleet.deliver(receiver, &format!("before-{receiver}")).await;
        }
        match frozen {
            true => redis.freeze(),
            false => redis.kill().await,
        }
        for receiver in 0..2 {
            let during = post(fleet.addr(receiver), &format!("during-{receiver}")).await;
            assert_eq!(during.unwrap().summary(), "503 store_unavailable");
        }
        match frozen {
            true => redis.thaw(),
            false => redis.restart().await,
        }
        for receiver in 0..2 {
            for when in ["before", "during", "after"] {
                fleet.deliver(receiver, &format!("{when}-{receiver}")).await;
            }
        }
        fleet.assert_alive().await;
        let done: Vec<_> = fleet
            .done()
            .into_iter()
            .map(|(task, done)| (task, done.len()))
            .collect();
        let expected = [
            "after-0", "after-1", "before-0", "before-1", "during-0", "during-1",
        ];
        assert_eq!(
            done,
            expected.map(|task| (task.to_owned(), 1)),
            "frozen: {frozen}"
        );
        assert_eq!(fleet.evidence.overlaps().unwrap(), [""; 0]);
    }
}

/// A Redis that comes back empty has forgotten what was completed: a delivery that is sent
/// again is handled again. None is lost, and none is rejected.
#[tokio::test]
async fn an_empty_redis_handles_again_but_loses_nothing() {
    let mut redis = RedisServer::start().await;
    let fleet = Fleet::start(&redis.url(), &[AXUM], Duration::from_secs(2)).await;
    fleet.deliver(0, "task-1").await;
    let held = tokio::spawn(post_owned(fleet.addr(0)));
    fleet.runs("hold-1").await;
    redis.restart_empty().await;
    fleet.evidence.open_gate("hold-1").unwrap();
    // Its claim is gone; the handler's answer stands all the same.
    assert_eq!(held.await.unwrap(), Some(200));
    for task in ["task-1", "task-1", "task-2", "task-2"] {
        fleet.deliver(0, task).await;
    }
    let done = fleet.evidence.done().unwrap();
    let done: Vec<_> = done.iter().map(|done| &*done.task).collect();
    assert_eq!(done, ["task-1", "hold-1", "task-1", "task-2"]);
}

impl Fleet {
    /// Waits until a handler works on the task.
    async fn runs(&self, task: &str) {
        let begun = Instant::now();
        while !self.evidence.running(task).exists() {
            assert!(begun.elapsed() < PATIENCE, "{task} does not begin");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
