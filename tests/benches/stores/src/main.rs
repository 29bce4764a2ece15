//! Claims with their completions in every store, in turns. Starts the servers.
//!
//! ```text
//! bench-stores [--remembered 1000000] [--seconds 2] [--turns 3] [--json FILE]
//! ```
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends when something is wrong"
)]

#[path = "../../../../nano-webhook-redis/tests/store/support/cluster.rs"]
mod cluster;
mod load;
mod redis_calls;
mod rows;
mod server;

use std::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

// For `cluster`.
use nano_webhook_test_kit::RedisServer;
use serde::Serialize;

use crate::load::{Load, run};
use crate::rows::{Row, rows};

const AT_A_TIME: [usize; 4] = [1, 8, 64, 512];

#[derive(Serialize)]
struct Report {
    remembered: usize,
    /// Milliseconds for writing 4 KiB to a file and having them on the disk.
    flush: f64,
    results: Vec<Measured>,
}

#[derive(Clone, Serialize)]
struct Measured {
    store: &'static str,
    /// Of each remembered delivery.
    bytes: f64,
    at_a_time: usize,
    /// How often the server read from a socket for each delivery: at one at a time, the
    /// round trips; fewer where calls arrive together.
    reads: Option<f64>,
    #[serde(flatten)]
    load: Load,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)
    };
    let number = |name, default| option(name).map_or(Ok(default), |text| text.parse());
    let (remembered, turns) = (number("--remembered", 1_000_000)?, number("--turns", 3)?);
    let time = Duration::from_secs(number("--seconds", 2)? as u64);

    let flush = flush()?;
    let rows = rows(remembered).await?;
    let cases: Vec<_> = (rows.iter())
        .flat_map(|row| AT_A_TIME.map(|at_a_time| (row, at_a_time)))
        .collect();
    let mut runs = vec![Vec::new(); cases.len()];
    for _ in 0..turns {
        for ((row, at_a_time), runs) in cases.iter().zip(&mut runs) {
            runs.push(measure(row, *at_a_time, time).await);
        }
    }
    let median = |mut runs: Vec<Measured>| {
        runs.sort_by(|one, other| one.load.per_second.total_cmp(&other.load.per_second));
        runs.swap_remove(runs.len() / 2)
    };
    let report = Report {
        remembered,
        flush,
        results: runs.into_iter().map(median).collect(),
    };
    print(&report);
    if let Some(file) = option("--json") {
        serde_json::to_writer_pretty(File::create(file)?, &report)?;
    }
    Ok(())
}

async fn measure(row: &Row, at_a_time: usize, time: Duration) -> Measured {
    let before = row.server.reads().await;
    let until = Instant::now() + time;
    let load = run(&row.stores, at_a_time, move || Instant::now() < until).await;
    let reads = row.server.reads().await.zip(before);
    let reads = reads.map(|(after, before)| (after - before) / load.deliveries as f64);
    Measured {
        store: row.name,
        bytes: row.bytes,
        at_a_time,
        reads: reads.or(row.round_trips.filter(|_| at_a_time == 1)),
        load,
    }
}

/// What a disk needs for a commit, at best.
fn flush() -> std::io::Result<f64> {
    const TIMES: u32 = 100;
    let mut file = tempfile::tempfile()?;
    let began = Instant::now();
    for _ in 0..TIMES {
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
    }
    Ok(1e3 * (began.elapsed() / TIMES).as_secs_f64())
}

fn print(report: &Report) {
    let (remembered, flush) = (report.remembered, report.flush);
    println!("{remembered} remembered; a flush to disk takes {flush:.3} ms");
    println!("at a time     a second    p50 ms    p99 ms  reads  bytes  failed");
    for Measured {
        store,
        bytes,
        at_a_time,
        reads,
        load,
    } in &report.results
    {
        let Load {
            per_second,
            p50,
            p99,
            failed,
            ..
        } = load;
        let reads = reads.map_or(String::new(), |reads| format!("{reads:.2}"));
        println!(
            "{at_a_time:>9} {per_second:>12.0} {p50:>9.4} {p99:>9.4} {reads:>6} {bytes:>6.0} {failed:>7}  {store}"
        );
    }
}
