//! Each delivery three times at once, to receivers chosen at random. Handlers fail one
//! time in ten, clients hang up one time in ten, and what is not answered 2xx is sent again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_test_kit::{Connection, RedisServer, SignedRequest, number, seed};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::{ACTIX, AXUM, Fleet};

const COPIES: usize = 3;

/// Requests under way at once.
const AT_ONCE: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_delivery_is_completed_exactly_once() {
    let deliveries = number("NANO_WEBHOOK_DELIVERIES", 500);
    let mut random = fastrand::Rng::with_seed(seed());
    let lease = Duration::from_secs(30);
    let redis = RedisServer::start().await;
    let fleet = Arc::new(Fleet::start(&redis.url(), &[AXUM, ACTIX], lease).await);

    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut copies = JoinSet::new();
    for copy in 0..deliveries * COPIES {
        let (fleet, first) = (Arc::clone(&fleet), random.usize(..2));
        let hangs_up = random.u8(..10) == 0;
        let place = Arc::clone(&places).acquire_owned().await.unwrap();
        copies.spawn(async move {
            let task = format!("fail-{}", copy / COPIES);
            if hangs_up && let Ok(mut connection) = Connection::connect(fleet.addr(first)).await {
                connection
                    .send(SignedRequest::completed_now(&task).whole())
                    .await;
            }
            let statuses = fleet.deliver(first, &task).await;
            drop(place);
            statuses
        });
    }
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    while let Some(seen) = copies.join_next().await {
        for status in seen.unwrap() {
            *statuses.entry(status).or_default() += 1;
        }
    }
    println!("answers by status (0: connection broke): {statuses:?}");

    let done = fleet.done();
    assert_eq!(done.len(), deliveries, "some were never completed");
    let twice: Vec<_> = done.values().filter(|done| done.len() > 1).collect();
    assert!(twice.is_empty(), "completed more than once: {twice:?}");
    assert_eq!(fleet.evidence.overlaps().unwrap(), [""; 0]);
    // The trial was one: some failed, some met.
    let failed = statuses.get(&500).copied().unwrap_or_default();
    assert!(
        failed * 20 > deliveries,
        "handlers do not fail one time in ten"
    );
    assert!(statuses.contains_key(&503), "no two copies met");
    fleet.assert_alive().await;
}
