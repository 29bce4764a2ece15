//! Two receivers, one on axum and one on actix-web, share a Redis.
//!
//! `NANO_WEBHOOK_DELIVERIES` chooses how many deliveries are sent, and
//! `NANO_WEBHOOK_FAULTS` how often something freezes or is killed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod copies;
mod faults;
mod outages;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use nano_webhook_fleet::{Done, Evidence};
use nano_webhook_test_kit::{Connection, End, Receiver, RedisServer, Response, SignedRequest};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(120);

/// The programs of both receivers.
const AXUM: &str = env!("CARGO_BIN_EXE_fleet-axum");
const ACTIX: &str = env!("CARGO_BIN_EXE_fleet-actix");

/// Receivers on one Redis, and the evidence that they leave.
struct Fleet {
    redis: RedisServer,
    evidence: Evidence,
    folder: TempDir,
    lease: Duration,
    receivers: Mutex<Vec<Receiver>>,
}

impl Fleet {
    async fn start(redis: RedisServer, programs: &[&str], lease: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let evidence = Evidence::new(folder.path().to_owned());
        evidence.create().unwrap();
        let fleet = Self {
            redis,
            evidence,
            folder,
            lease,
            receivers: Mutex::default(),
        };
        for program in programs {
            let receiver = fleet.receiver(program).await;
            fleet.receivers.lock().unwrap().push(receiver);
        }
        fleet
    }

    async fn receiver(&self, program: &str) -> Receiver {
        let (url, lease) = (self.redis.url(), self.lease.as_millis().to_string());
        let variables = [
            ("NANO_WEBHOOK_SECRET", SignedRequest::SECRET),
            ("NANO_WEBHOOK_REDIS_URL", &url),
            (
                "NANO_WEBHOOK_FLEET_FOLDER",
                self.folder.path().to_str().unwrap(),
            ),
            ("NANO_WEBHOOK_FLEET_LEASE_MS", &lease),
        ];
        Receiver::start(program, &variables).await.unwrap()
    }

    fn addr(&self, receiver: usize) -> SocketAddr {
        let receivers = self.receivers.lock().unwrap();
        receivers[receiver % receivers.len()].addr
    }

    /// Posts until the answer is 2xx, each time to the next receiver. Returns the answers'
    /// statuses, 0 for a connection that broke.
    async fn deliver(&self, first: usize, task: &str) -> Vec<u16> {
        let begun = Instant::now();
        let mut statuses = Vec::new();
        for receiver in first.. {
            let status = post(self.addr(receiver), task).await;
            statuses.push(status.map_or(0, |answer| answer.status));
            if statuses
                .last()
                .is_some_and(|status| (200..300).contains(status))
            {
                break;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{task} is not done: {statuses:?}"
            );
            // The provider's pause between two tries. A real one would be longer.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        statuses
    }

    /// What was done, by task.
    fn done(&self) -> BTreeMap<String, Vec<Done>> {
        let mut tasks: BTreeMap<String, Vec<Done>> = BTreeMap::new();
        for done in self.evidence.done().unwrap() {
            tasks.entry(done.task.clone()).or_default().push(done);
        }
        tasks
    }

    fn assert_alive(&mut self) {
        for receiver in self.receivers.get_mut().unwrap() {
            assert!(receiver.process.is_alive(), "a receiver ended");
        }
    }
}

/// Posts once. `None` if the connection broke before the answer.
///
/// # Panics
/// If the receiver hangs.
async fn post(addr: SocketAddr, task: &str) -> Option<Response> {
    let mut connection = Connection::connect(addr).await.ok()?;
    let request = SignedRequest::completed_now(task).whole();
    match connection.exchange(request).await {
        Err(End::Silent) => panic!("{task}: {addr} hangs"),
        answer => answer.ok(),
    }
}
