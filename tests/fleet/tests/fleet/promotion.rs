//! The primary of a store dies under load, with effects outside the store, and its
//! replica is promoted. Before that, the replica gets nothing for a while.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_sqlx::sqlx::{self, PgPool};
use nano_webhook_test_kit::{Fault, PostgresServer, Proxy, RedisServer};
use tokio::time::sleep;

use crate::faults::under_load;
use crate::{ACTIX, AXUM, Fleet};

/// For how long the replica gets nothing.
pub(crate) const LAG: Duration = Duration::from_millis(500);

/// A primary, and its replica behind a network of its own.
pub(crate) trait Pair {
    /// Waits until the replica has what the primary has at this moment.
    async fn catch_up(&self);

    /// Kills the primary, and promotes the replica.
    async fn fail_over(&mut self);
}

/// Receivers reach the primary over `front`, the replica over `back`.
pub(crate) struct Networks {
    pub(crate) front: Proxy,
    pub(crate) back: Proxy,
}

impl Networks {
    pub(crate) async fn start(primary: std::net::SocketAddr) -> Self {
        let (front, back) = (Proxy::start(primary).await, Proxy::start(primary).await);
        Self { front, back }
    }

    pub(crate) async fn lag(&self) {
        self.back.state().fault = Fault::Swallow { first: usize::MAX };
        sleep(LAG).await;
    }

    pub(crate) fn lead_to(&self, successor: std::net::SocketAddr) {
        self.front.state().target = successor;
        self.front.cut();
    }
}

pub(crate) struct RedisPair {
    primary: RedisServer,
    replica: RedisServer,
    networks: Networks,
}

impl RedisPair {
    async fn start() -> Self {
        let primary = RedisServer::start().await;
        let networks = Networks::start(primary.address()).await;
        let back = networks.back.address();
        let options = format!("--replicaof {} {}", back.ip(), back.port());
        let replica = RedisServer::start_with(&options).await;
        let up = "master_link_status:up";
        replica.eventually(&["INFO", "replication"], up).await;
        Self {
            primary,
            replica,
            networks,
        }
    }
}

impl Pair for RedisPair {
    async fn catch_up(&self) {
        self.primary.command(&["SET", "marker", "here"]).await;
        self.replica.eventually(&["GET", "marker"], "here").await;
    }

    async fn fail_over(&mut self) {
        self.networks.lag().await;
        self.primary.kill().await;
        self.replica.command(&["REPLICAOF", "NO", "ONE"]).await;
        self.networks.lead_to(self.replica.address());
    }
}

pub(crate) struct PostgresPair {
    primary: PostgresServer,
    standby: PostgresServer,
    pub(crate) networks: Networks,
}

impl PostgresPair {
    pub(crate) async fn start(synchronous: bool) -> Self {
        let names = match synchronous {
            true => "synchronous_standby_names=*",
            false => "synchronous_standby_names=",
        };
        let primary = PostgresServer::start_with(&[names], |_| Vec::new()).await;
        let networks = Networks::start(primary.address()).await;
        let standby = primary.start_standby(networks.back.address()).await;
        Self {
            primary,
            standby,
            networks,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://app@{}/postgres", self.networks.front.address())
    }
}

impl Pair for PostgresPair {
    async fn catch_up(&self) {
        let read = async |server: &PostgresServer, position: &'static str| -> i64 {
            let pool = PgPool::connect(&server.url()).await.unwrap();
            let read = sqlx::query_scalar(position).fetch_one(&pool).await;
            pool.close().await;
            read.unwrap()
        };
        let written = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint";
        let written = read(&self.primary, written).await;
        let replayed = "SELECT coalesce(pg_last_wal_replay_lsn() - '0/0', 0)::bigint";
        while read(&self.standby, replayed).await < written {
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn fail_over(&mut self) {
        self.networks.lag().await;
        self.primary.kill().await;
        self.standby.promote();
        self.networks.lead_to(self.standby.address());
    }
}

/// Nothing is lost, and only what the replica had not got is done twice.
async fn promote(name: &str, url: &str, mut pair: impl Pair) -> usize {
    // Longer than the promotion takes.
    let lease = Duration::from_secs(10);
    let fleet = Arc::new(Fleet::start(url, &[AXUM, ACTIX], lease).await);
    let mut replicated = BTreeSet::new();
    let deliveries = under_load(&fleet, async {
        replicated = fleet.seen().acknowledged;
        pair.catch_up().await;
        pair.fail_over().await;
    })
    .await;
    // The provider sends everything again.
    for task in fleet.seen().acknowledged {
        fleet.deliver(0, &task).await;
    }
    let done = fleet.done();
    let twice: Vec<_> = done.iter().filter(|(_, done)| done.len() > 1).collect();
    println!(
        "{name}: {deliveries} deliveries, {} before the replica fell behind, {} lost, {} twice",
        replicated.len(),
        deliveries - done.len(),
        twice.len()
    );
    assert_eq!(done.len(), deliveries, "lost");
    assert!(!replicated.is_empty());
    let forgotten = twice.iter().all(|(task, _)| !replicated.contains(*task));
    assert!(forgotten, "{twice:?}");
    fleet.assert_alive().await;
    twice.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: a Redis replica is promoted under load"]
async fn a_promoted_redis_replica_forgets_what_it_had_not_got() {
    let pair = RedisPair::start().await;
    let url = format!("redis://{}", pair.networks.front.address());
    let twice = promote("Redis", &url, pair).await;
    assert!(twice > 0, "the replica had everything");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: a Postgres standby is promoted under load"]
async fn a_promoted_postgres_standby_forgets_what_it_had_not_got() {
    for synchronous in [false, true] {
        let pair = PostgresPair::start(synchronous).await;
        let name = format!("Postgres, synchronous: {synchronous}");
        let twice = promote(&name, &pair.url(), pair).await;
        assert_eq!(twice == 0, synchronous);
    }
}
