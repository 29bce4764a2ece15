//! A stream of deliveries, two copies of each, while Redis freezes or refuses writes and
//! receivers are killed: how many are lost, and how many are handled twice?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use nano_webhook_test_kit::{RedisServer, number};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::{ACTIX, AXUM, Fleet};

/// Deliveries under way at once, each in two copies.
const AT_ONCE: usize = 16;

/// Longer than the store waits for an answer, so that every call fails meanwhile.
const FREEZE: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug)]
enum Fault {
    Freeze,
    RefuseWrites,
    Kill,
}

/// What became of the deliveries of a run.
struct Outcomes {
    deliveries: usize,
    /// Answered 2xx and never done.
    lost: usize,
    /// Done more than once.
    twice: usize,
    /// Of these, more than once by processes that were not killed.
    unexplained: usize,
}

const FAULTS: usize = 3;

impl Fault {
    /// Strikes, ends, and returns the process that it has killed.
    async fn strike(self, redis: &RedisServer, fleet: &Fleet) -> Option<u32> {
        let refuse = async |replicas| {
            let set = ["CONFIG", "SET", "min-replicas-to-write", replicas];
            redis.command(&set).await;
        };
        match self {
            Self::Freeze => {
                redis.freeze();
                sleep(FREEZE).await;
                redis.thaw();
            }
            Self::RefuseWrites => {
                refuse("1").await;
                sleep(Duration::from_millis(800)).await;
                refuse("0").await;
            }
            Self::Kill => {
                let victim = fastrand::usize(..2);
                let id = fleet.kill(victim).await;
                fleet.replace(victim).await;
                return Some(id);
            }
        }
        None
    }
}

/// Sends deliveries, two copies of each, until a future ends. Returns how many.
pub(crate) async fn under_load(fleet: &Arc<Fleet>, faults: impl Future<Output = ()>) -> usize {
    let (next, ends) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let mut senders = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (fleet, next, ends) = (fleet.clone(), next.clone(), ends.clone());
        senders.spawn(async move {
            while !ends.load(Ordering::Relaxed) {
                let task = format!("task-{}", next.fetch_add(1, Ordering::Relaxed));
                tokio::join!(fleet.deliver(0, &task), fleet.deliver(1, &task));
            }
        });
    }
    sleep(Duration::from_secs(1)).await;
    faults.await;
    sleep(Duration::from_secs(1)).await;
    ends.store(true, Ordering::Relaxed);
    senders.join_all().await;
    next.load(Ordering::Relaxed)
}

async fn run(fault: Fault, lease: Duration) -> Outcomes {
    let redis = RedisServer::start().await;
    let fleet = Arc::new(Fleet::start(&redis.url(), &[AXUM, ACTIX], lease).await);
    let mut killed = Vec::new();
    let deliveries = under_load(&fleet, async {
        for _ in 0..number("NANO_WEBHOOK_FAULTS", FAULTS) {
            killed.extend(fault.strike(&redis, &fleet).await);
            sleep(Duration::from_secs(1)).await;
        }
    })
    .await;

    let done = fleet.done();
    let twice = done.values().filter(|done| done.len() > 1);
    let outcomes = Outcomes {
        lost: deliveries - done.len(),
        twice: twice.clone().count(),
        unexplained: twice
            .map(|done| done.iter().filter(|done| !killed.contains(&done.process)))
            .filter(|by_living| by_living.clone().count() > 1)
            .count(),
        deliveries,
    };
    println!(
        "{fault:?}, a lease of {lease:?}: {} deliveries, {} lost, {} twice, {} of them unexplained",
        outcomes.deliveries, outcomes.lost, outcomes.twice, outcomes.unexplained
    );
    outcomes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn freezes_shorter_than_the_lease_double_nothing() {
    let outcomes = run(Fault::Freeze, Duration::from_secs(30)).await;
    assert_eq!((outcomes.lost, outcomes.twice), (0, 0));
}

/// A lease that runs out within the freeze still belongs to its owner; but if the claim of a
/// copy reaches the store before the owner's completion, it takes over. The store cannot
/// know that the handler has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn freezes_longer_than_the_lease_lose_nothing() {
    let outcomes = run(Fault::Freeze, Duration::from_secs(2)).await;
    assert_eq!(outcomes.lost, 0);
    // At most the deliveries that were under way at a freeze.
    let faults = number("NANO_WEBHOOK_FAULTS", FAULTS);
    assert!(
        outcomes.twice <= AT_ONCE * faults,
        "{} twice",
        outcomes.twice
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_refuses_writes_doubles_nothing() {
    let outcomes = run(Fault::RefuseWrites, Duration::from_secs(2)).await;
    assert_eq!((outcomes.lost, outcomes.twice), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_double_only_what_was_done_and_not_completed() {
    let outcomes = run(Fault::Kill, Duration::from_secs(2)).await;
    assert_eq!((outcomes.lost, outcomes.unexplained), (0, 0));
}
