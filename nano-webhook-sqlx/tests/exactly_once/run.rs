use std::collections::BTreeMap;
use std::env;
use std::time::Duration;

use tokio::time::sleep;

use crate::disk::Disk;
use crate::ledger::Ledger;
use crate::load::Load;
use crate::postgres::PostgresServer;
use crate::receiver::Receiver;
use crate::setting;

const FRAMEWORKS: [&str; 2] = ["axum", "actix"];

/// One row of the table.
pub struct Run {
    name: &'static str,
    deliveries: usize,
    load: Load,
    random: fastrand::Rng,
    url: String,
    environment: Vec<(String, String)>,
    receivers: [Option<Receiver>; 2],
    disk: Option<Disk>,
    server: Option<PostgresServer>,
    faults: BTreeMap<&'static str, usize>,
    forgotten: usize,
}

impl Run {
    pub async fn start(name: &'static str, seed: u64) -> Self {
        let disk = name.starts_with("sqlite").then(Disk::new);
        let server = name.starts_with("postgres").then(PostgresServer::start);
        let url = match (&disk, &server) {
            (Some(disk), _) => disk.url(),
            (_, Some(server)) => server.url(),
            _ => env::var("NANO_WEBHOOK_DATABASE_URL").unwrap(),
        };
        let mut environment = disk.as_ref().map(Disk::environment).unwrap_or_default();
        if name == "postgres-control" {
            environment.push(("APART".to_owned(), String::new()));
        }
        // Both at once: the table of claims does not exist yet.
        let starting = FRAMEWORKS.map(|framework| {
            let (url, environment) = (url.clone(), environment.clone());
            tokio::task::spawn_blocking(move || Receiver::start(framework, &url, &environment))
        });
        let [axum, actix] = starting;
        let receivers = [axum.await.unwrap(), actix.await.unwrap()];
        let ledger = Ledger::open(&url).await;
        ledger.create().await;
        let urls = [receivers[0].url.clone(), receivers[1].url.clone()];
        if let Some(disk) = &disk {
            disk.flush();
            if name == "sqlite-power-control" {
                disk.set("lies", "");
            }
        }
        Self {
            name,
            deliveries: setting("NANO_WEBHOOK_DELIVERIES", 500) as usize,
            load: Load::new(urls),
            random: fastrand::Rng::with_seed(seed),
            url,
            environment,
            receivers: receivers.map(Some),
            disk,
            server,
            faults: Default::default(),
            forgotten: 0,
        }
    }

    pub async fn finish(mut self) -> (String, bool) {
        let (load, random) = (self.load.clone(), self.random.fork());
        let tasks = 0..self.deliveries;
        let mut sending = tokio::spawn(async move { load.send_all(tasks, random).await });
        loop {
            let pause = Duration::from_millis(self.random.u64(150..700));
            tokio::select! {
                sent = &mut sending => break sent.unwrap(),
                () = sleep(pause) => self.fault().await,
            }
            // What a lying disk leaves is not usable.
            if self.name == "sqlite-power-control" && self.forgotten > 0 {
                sending.abort();
                break;
            }
        }
        self.verdict().await
    }

    async fn fault(&mut self) {
        match self.name {
            "sqlite-power" | "sqlite-power-control" => self.cut_power().await,
            "sqlite-full" => {
                self.count("full for a while");
                let disk = self.disk.as_ref().unwrap();
                disk.set("full", "");
                sleep(Duration::from_millis(300)).await;
                disk.unset("full");
            }
            "sqlite-clock" => {
                self.count("clock jumps");
                let ahead = self.random.i64(-3_000..3_000);
                self.disk.as_ref().unwrap().set("clock", ahead);
            }
            "postgres-kill" if self.random.u8(..5) == 0 => {
                self.count("server restarts");
                let mut server = self.server.take().unwrap();
                let restarted = tokio::task::spawn_blocking(move || {
                    server.stop_at_once();
                    server.start_again();
                    server
                });
                self.server = Some(restarted.await.unwrap());
            }
            _ => {
                self.count("kills");
                let one = self.random.usize(..2);
                self.restart(&[one]);
            }
        }
    }

    fn count(&mut self, fault: &'static str) {
        *self.faults.entry(fault).or_default() += 1;
    }

    fn restart(&mut self, which: &[usize]) {
        for one in which {
            self.receivers[*one] = None;
        }
        for one in which {
            let receiver = Receiver::start(FRAMEWORKS[*one], &self.url, &self.environment);
            self.load.urls.write().unwrap()[*one].clone_from(&receiver.url);
            self.receivers[*one] = Some(receiver);
        }
    }

    async fn cut_power(&mut self) {
        self.count("power cuts");
        let acknowledged = self.load.seen().acknowledged;
        self.receivers = [None, None];
        let disk = self.disk.as_ref().unwrap();
        disk.cut_power();
        let counts = Ledger::open(&self.url).await.counts().await;
        let is_forgotten = |task: &&String| !counts.contains_key(*task);
        self.forgotten += acknowledged.iter().filter(is_forgotten).count();
        disk.flush();
        self.restart(&[0, 1]);
    }

    /// The row, and whether it shows what it must.
    async fn verdict(self) -> (String, bool) {
        let ledger = Ledger::open(&self.url).await;
        let prefix = &self.load.prefix;
        let mut counts = ledger.counts().await;
        counts.retain(|task, _| task.starts_with(prefix));
        let lost = match self.forgotten {
            0 => self.deliveries - counts.len(),
            forgotten => forgotten,
        };
        let twice = counts.values().filter(|count| **count != 1).count();
        let logged = format!("SELECT count(*) FROM proof_log WHERE task LIKE '{prefix}%'");
        let logged = ledger.number(&logged).await;
        let again = "SELECT count(*) FROM nano_webhook_claims WHERE attempt > 1";
        let again = ledger.number(again).await;
        let seen = self.load.seen();
        let faults: Vec<_> = self
            .faults
            .iter()
            .map(|(f, n)| format!("{n} {f}"))
            .collect();
        let row = format!(
            "| {} | {} | {} | {lost} | {twice} | {again} | {:?} |",
            self.name,
            self.deliveries,
            faults.join(", "),
            seen.answers,
        );
        assert!(!self.faults.is_empty(), "no fault: {row}");
        let shown = match self.name {
            "postgres-control" => twice > 0,
            "sqlite-power-control" => lost > 0,
            _ => {
                assert_eq!((lost, twice), (0, 0), "{row}");
                assert_eq!(logged as usize, self.deliveries, "{row}");
                true
            }
        };
        (row, shown)
    }
}
