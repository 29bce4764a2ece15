//! Two receivers, one on axum and one on actix-web, share a store.
//!
//! `NANO_WEBHOOK_DELIVERIES` chooses how many deliveries are sent, and
//! `NANO_WEBHOOK_FAULTS` how often something freezes or is killed.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod copies;
mod exactly_once;
mod faults;
mod outages;
mod promotion;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use nano_webhook_fleet::{Done, Evidence};
use nano_webhook_test_kit::{Connection, End, Receiver, Response, SignedRequest};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(120);

/// The programs of both receivers.
const AXUM: &str = env!("CARGO_BIN_EXE_fleet-axum");
const ACTIX: &str = env!("CARGO_BIN_EXE_fleet-actix");

/// Receivers on one store, and the evidence that they leave.
struct Fleet {
    evidence: Evidence,
    _folder: TempDir,
    programs: Vec<&'static str>,
    variables: Vec<(String, String)>,
    receivers: tokio::sync::Mutex<Vec<Receiver>>,
    /// Where they listen now.
    addrs: Mutex<Vec<SocketAddr>>,
    seen: Mutex<Seen>,
}

/// What senders have seen.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// Answers by status. 0: the connection broke.
    answers: BTreeMap<u16, usize>,
    /// Tasks that were answered 200.
    acknowledged: BTreeSet<String>,
}

impl Fleet {
    async fn start(store: &str, programs: &[&'static str], lease: Duration) -> Self {
        Self::start_with(store, programs, lease, &[]).await
    }

    async fn start_with(
        store: &str,
        programs: &[&'static str],
        lease: Duration,
        environment: &[(String, String)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let evidence = Evidence::new(folder.path().to_owned());
        evidence.create().unwrap();
        let variables = [
            ("SECRET", SignedRequest::SECRET.to_owned()),
            ("FLEET_STORE", store.to_owned()),
            ("FLEET_FOLDER", folder.path().display().to_string()),
            ("FLEET_LEASE_MS", lease.as_millis().to_string()),
        ];
        let variables = variables.map(|(name, value)| (format!("NANO_WEBHOOK_{name}"), value));
        let fleet = Self {
            evidence,
            _folder: folder,
            programs: programs.to_vec(),
            variables: [&variables, environment].concat(),
            receivers: tokio::sync::Mutex::default(),
            addrs: Mutex::default(),
            seen: Mutex::default(),
        };
        for program in programs {
            let receiver = fleet.receiver(program).await;
            fleet.addrs.lock().unwrap().push(receiver.addr);
            fleet.receivers.lock().await.push(receiver);
        }
        fleet
    }

    async fn receiver(&self, program: &str) -> Receiver {
        let variables = self.variables.iter();
        let variables: Vec<_> = variables.map(|(name, value)| (&**name, &**value)).collect();
        Receiver::start(program, &variables).await.unwrap()
    }

    fn addr(&self, receiver: usize) -> SocketAddr {
        let addrs = self.addrs.lock().unwrap();
        addrs[receiver % addrs.len()]
    }

    /// SIGKILL. Returns the id of its process.
    async fn kill(&self, receiver: usize) -> u32 {
        let victim = &mut self.receivers.lock().await[receiver].process;
        let id = victim.id();
        victim.kill().await;
        id
    }

    /// Starts one in the place of one that was killed.
    async fn replace(&self, receiver: usize) {
        let successor = self.receiver(self.programs[receiver]).await;
        self.addrs.lock().unwrap()[receiver] = successor.addr;
        self.receivers.lock().await[receiver] = successor;
    }

    fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// Posts until the answer is 2xx, each time to the next receiver. Returns the answers'
    /// statuses, 0 for a connection that broke.
    async fn deliver(&self, first: usize, task: &str) -> Vec<u16> {
        let begun = Instant::now();
        let mut statuses = Vec::new();
        for receiver in first.. {
            let answer = post(self.addr(receiver), task).await;
            let status = answer.map_or(0, |answer| answer.status);
            statuses.push(status);
            if self.note(task, status) {
                break;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{task} is not done: {statuses:?}"
            );
            // The provider's pause between two tries. A real one would be longer.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        statuses
    }

    /// Whether the delivery is acknowledged.
    fn note(&self, task: &str, status: u16) -> bool {
        let mut seen = self.seen.lock().unwrap();
        *seen.answers.entry(status).or_default() += 1;
        let acknowledged = (200..300).contains(&status);
        if acknowledged {
            seen.acknowledged.insert(task.to_owned());
        }
        acknowledged
    }

    /// What was done, by task.
    fn done(&self) -> BTreeMap<String, Vec<Done>> {
        let mut tasks: BTreeMap<String, Vec<Done>> = BTreeMap::new();
        for done in self.evidence.done().unwrap() {
            tasks.entry(done.task.clone()).or_default().push(done);
        }
        tasks
    }

    async fn assert_alive(&self) {
        for receiver in &mut *self.receivers.lock().await {
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
