use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use nano_webhook_fleet::Ledger;
use nano_webhook_test_kit::{number, seed};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::disk::Disk;
use crate::{ACTIX, AXUM, Fleet};

/// Short: many leases are to run out.
const LEASE: Duration = Duration::from_millis(400);

/// Deliveries under way at once.
const AT_ONCE: usize = 16;

/// A fault hits the short time between an effect and its completion by chance, so a
/// control that found nothing runs again.
const CONTROL_ROUNDS: usize = 12;

/// Its name, or how many acknowledged deliveries it found forgotten, which ends the run.
pub(super) type Struck = ControlFlow<usize, &'static str>;

/// One row of the table in tests/README.md.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) name: &'a str,
    pub(super) url: &'a str,
    /// Of the receivers.
    pub(super) environment: &'a [(String, String)],
    /// Of the receivers.
    pub(super) disk: Option<&'a Disk>,
    /// The control: the effect is committed apart from the completion.
    pub(super) apart: bool,
}

/// What a run has shown.
#[derive(Debug)]
pub(super) struct Shown {
    /// Acknowledged, and without an effect.
    pub(super) lost: usize,
    pub(super) twice: usize,
    pub(super) answers: BTreeMap<u16, usize>,
}

impl Run<'_> {
    /// Sends deliveries while a fault strikes again and again.
    pub(super) async fn under(
        self,
        mut fault: impl AsyncFnMut(&Fleet, &mut Rng) -> Struck,
    ) -> Shown {
        let mut random = Rng::with_seed(seed());
        let deliveries = number("NANO_WEBHOOK_DELIVERIES", 500);
        // A database may have the tasks of earlier runs.
        let prefix = format!("task_{:016x}_", fastrand::u64(..));
        let fleet = Arc::new(self.start().await);
        let sent = send_all(
            Arc::clone(&fleet),
            prefix.clone(),
            deliveries,
            random.fork(),
        );
        let mut sending = tokio::spawn(sent);
        let (mut faults, mut forgotten) = (BTreeMap::<_, usize>::new(), 0);
        loop {
            let pause = Duration::from_millis(random.u64(150..700));
            tokio::select! {
                sent = &mut sending => break sent.unwrap(),
                () = sleep(pause) => match fault(&fleet, &mut random).await {
                    ControlFlow::Continue(name) => *faults.entry(name).or_default() += 1,
                    ControlFlow::Break(found) => {
                        sending.abort();
                        forgotten = found;
                        break;
                    }
                },
            }
        }
        let seen = fleet.seen();
        let mut shown = Shown {
            lost: forgotten,
            twice: 0,
            answers: seen.answers,
        };
        if forgotten == 0 {
            assert_eq!(seen.acknowledged.len(), deliveries);
            let mut counts = counts(self.url).await;
            counts.retain(|task, _| task.starts_with(&prefix));
            shown.lost = forgotten_of(&seen.acknowledged, &counts);
            shown.twice = counts.values().filter(|count| **count != 1).count();
        }
        println!(
            "{}: {deliveries} deliveries, {faults:?}, {shown:?}",
            self.name
        );
        assert!(!faults.is_empty() || forgotten > 0, "no fault");
        let answers = [0, 200, 503];
        assert!(shown.answers.keys().all(|status| answers.contains(status)));
        shown
    }

    async fn start(self) -> Fleet {
        let completion = if self.apart { "apart" } else { "together" };
        let ledger = ("NANO_WEBHOOK_FLEET_LEDGER".into(), completion.into());
        let environment = [self.environment, &[ledger]].concat();
        Ledger::create(self.url).await.unwrap();
        if let Some(disk) = self.disk {
            disk.flush();
        }
        Fleet::start_with(self.url, &[AXUM, ACTIX], LEASE, &environment).await
    }
}

impl Shown {
    pub(super) fn exactly_once(self) {
        assert_eq!((self.lost, self.twice), (0, 0), "{self:?}");
    }
}

/// SIGKILL for one of the receivers, and a successor.
pub(super) async fn kill_one(fleet: &Fleet, random: &mut Rng) -> Struck {
    let one = random.usize(..2);
    fleet.kill(one).await;
    fleet.replace(one).await;
    ControlFlow::Continue("receivers killed")
}

/// A control finds what the proofs must not.
pub(super) async fn control(run: impl AsyncFn() -> Shown, found: impl Fn(&Shown) -> bool) {
    for _ in 0..CONTROL_ROUNDS {
        if found(&run().await) {
            return;
        }
    }
    panic!("it found nothing, so the proofs would prove nothing");
}

/// How often each task was counted.
async fn counts(url: &str) -> BTreeMap<String, i64> {
    let ledger = Ledger::open(url, false).await.unwrap();
    ledger.counts().await.unwrap()
}

/// How many of these tasks have no effect.
pub(super) async fn forgotten(acknowledged: &BTreeSet<String>, url: &str) -> usize {
    forgotten_of(acknowledged, &counts(url).await)
}

fn forgotten_of(acknowledged: &BTreeSet<String>, counts: &BTreeMap<String, i64>) -> usize {
    let is_forgotten = |task: &&String| !counts.contains_key(*task);
    acknowledged.iter().filter(is_forgotten).count()
}

/// A quarter twice at once, and a quarter again afterwards.
async fn send_all(fleet: Arc<Fleet>, prefix: String, deliveries: usize, mut random: Rng) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut sending = JoinSet::new();
    for number in 0..deliveries {
        let place = Arc::clone(&places).acquire_owned().await.unwrap();
        let (fleet, task) = (Arc::clone(&fleet), format!("{prefix}{number}"));
        let (fate, first) = (random.u8(..4), random.usize(..2));
        sending.spawn(async move {
            match fate {
                0 => drop(tokio::join!(
                    fleet.deliver(0, &task),
                    fleet.deliver(1, &task)
                )),
                1 => {
                    fleet.deliver(first, &task).await;
                    fleet.deliver(1 - first, &task).await;
                }
                _ => drop(fleet.deliver(first, &task).await),
            }
            drop(place);
        });
    }
    sending.join_all().await;
}
