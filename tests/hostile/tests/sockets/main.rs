//! What the example receivers survive, as processes of their own, on real sockets.
//!
//! `NANO_WEBHOOK_CLIENTS` says how many hostile clients there are at once,
//! `NANO_WEBHOOK_DELIVERIES` how many deliveries are sent beside them, and
//! `NANO_WEBHOOK_WAVES` how often.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod crowd;
mod early;
mod held;
mod panics;
mod shapes;
mod streams;
mod tricklers;

use std::time::Duration;

use nano_webhook_hostile::AxumServer;
use nano_webhook_test_kit::{Connection, PATIENCE, Receiver, SignedRequest, Usage};

/// The receivers' secret.
const SECRET: &str = SignedRequest::SECRET;

/// A delivery on a connection of its own is answered 200.
async fn still_serves(addr: std::net::SocketAddr, task: &str) {
    let delivery = SignedRequest::completed_now(task);
    let answer = Connection::open(addr)
        .await
        .exchange(delivery.whole())
        .await;
    let status = answer.map(|answer| answer.summary());
    assert_eq!(status, Ok("200".to_owned()), "{task}");
}

/// Waits until the process holds what is asked for.
async fn until(receiver: &Receiver, what: &str, holds: impl Fn(Usage) -> bool) -> Usage {
    let give_up = tokio::time::Instant::now() + PATIENCE;
    loop {
        let usage = receiver.process.usage();
        if holds(usage) {
            return usage;
        }
        assert!(
            tokio::time::Instant::now() < give_up,
            "never {what}: {usage:?}"
        );
        // There is no event to wait for in another process's descriptors.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the process holds when it has served, and nobody is connected.
async fn idle(receiver: &Receiver) -> Usage {
    // The first of everything allocates what stays.
    for warm_up in 0..50 {
        still_serves(receiver.addr, &format!("warm_up_{warm_up}")).await;
    }
    let mut fewest = usize::MAX;
    let mut polls_without_change = 0;
    while polls_without_change < 15 {
        let files = receiver.process.usage().files;
        polls_without_change += 1;
        if files < fewest {
            (fewest, polls_without_change) = (files, 0);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    until(receiver, "idle", |now| now.files == fewest).await
}

/// Waits until the server has no more tasks than when nobody was connected.
async fn until_idle(server: &AxumServer, idle: usize) {
    let give_up = tokio::time::Instant::now() + PATIENCE;
    while server.tasks() > idle {
        let left = server.tasks() - idle;
        assert!(
            tokio::time::Instant::now() < give_up,
            "{left} tasks are left"
        );
        // A task's end cannot be waited for from outside.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
