//! Two receivers, one on axum and one on actix-web, share a Redis.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proofs::Evidence;
use support::RedisServer;
use support::{Kind, Receiver, Sender};
use tokio::sync::Semaphore;

const COPIES: usize = 3;
/// Requests under way at once.
const AT_ONCE: usize = 64;
const PATIENCE: Duration = Duration::from_secs(120);

/// By default as many as scripts/test can afford; scripts/test-all asks for more.
fn deliveries() -> usize {
    match std::env::var("NANO_WEBHOOK_DELIVERIES") {
        Ok(count) => count.parse().expect("NANO_WEBHOOK_DELIVERIES is a number"),
        Err(_) => 500,
    }
}

fn seed() -> u64 {
    match std::env::var("NANO_WEBHOOK_SEED") {
        Ok(seed) => seed.parse().expect("NANO_WEBHOOK_SEED is a number"),
        Err(_) => fastrand::u64(..),
    }
}

/// Each delivery three times at once, to receivers chosen at random. Handlers
/// fail one time in ten, clients hang up one time in ten, and whatever was not
/// answered 2xx is sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_delivery_is_completed_exactly_once() {
    let seed = seed();
    println!("NANO_WEBHOOK_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let redis = RedisServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let evidence = Evidence::new(folder.path().to_owned());
    evidence.create().unwrap();
    let lease = Duration::from_secs(30);
    let mut receivers = Vec::new();
    for kind in [Kind::Axum, Kind::Actix] {
        receivers.push(Receiver::start(kind, &redis.url(), folder.path(), lease).await);
    }
    let addrs = [receivers[0].addr, receivers[1].addr];

    let sender = Sender::new();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut copies = tokio::task::JoinSet::new();
    for number in 0..deliveries() {
        for _ in 0..COPIES {
            let sender = sender.clone();
            let first = random.usize(..addrs.len());
            let order = [addrs[first], addrs[1 - first]];
            let hang_up = random.u8(..10) == 0;
            let place = Arc::clone(&places).acquire_owned().await.unwrap();
            copies.spawn(async move {
                let task = format!("fail-{number}");
                if hang_up {
                    sender.post_and_hang_up(order[0], &task).await;
                }
                let answers = sender.post_until_done(&order, &task, PATIENCE).await;
                drop(place);
                answers
            });
        }
    }
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    while let Some(answers) = copies.join_next().await {
        for answer in answers.unwrap().into_iter() {
            *statuses
                .entry(answer.map_or(0, |answer| answer.status))
                .or_default() += 1;
        }
    }
    println!("answers by status (0: connection broke): {statuses:?}");

    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for (task, _) in evidence.done().unwrap() {
        *times.entry(task).or_default() += 1;
    }
    let missing: Vec<_> = (0..deliveries())
        .map(|number| format!("fail-{number}"))
        .filter(|task| !times.contains_key(task))
        .collect();
    let repeated: Vec<_> = times.iter().filter(|(_, times)| **times != 1).collect();
    assert!(missing.is_empty(), "never completed: {missing:?}");
    assert!(
        repeated.is_empty(),
        "completed more than once: {repeated:?}"
    );
    assert_eq!(
        evidence.overlaps().unwrap(),
        [""; 0],
        "two handlers at one task"
    );
    // The trial was one: some failed, some met.
    assert!(statuses.contains_key(&500), "no handler failed");
    assert!(statuses.contains_key(&503), "no two copies met");
    for receiver in &mut receivers {
        assert!(receiver.is_alive());
    }
}
