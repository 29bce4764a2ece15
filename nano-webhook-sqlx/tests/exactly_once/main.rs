//! Two receivers in processes of their own, axum and actix-web, share a database, and
//! the effects of each delivery are counted in it. Receivers and servers are killed,
//! power is cut, the disk fills up, the clock jumps: each counter ends at exactly 1.
//!
//! `NANO_WEBHOOK_DELIVERIES` sets the size of a run (500), `NANO_WEBHOOK_SEED` its faults.
//! An argument chooses runs by their name. With `NANO_WEBHOOK_DATABASE_URL`, the
//! receivers are killed over that database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    dead_code,
    unreachable_pub
)]

mod disk;
mod ledger;
mod load;
#[path = "../support/postgres.rs"]
mod postgres;
mod receiver;
mod run;

use std::env;

use run::Run;

/// A kill hits the short time between an effect and its completion by chance, so a
/// control that found nothing runs again.
const CONTROL_ROUNDS: u64 = 12;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match env::var("RECEIVER") {
        Ok(framework) => runtime.block_on(receiver::run(framework)),
        Err(_) => match Asked::of(env::args().skip(1)) {
            Asked::ForTheList => println!("exactly_once: test"),
            Asked::ForQuickTests => println!("left to scripts/test-all"),
            Asked::ToRun(wanted) => runtime.block_on(prove(&wanted)),
        },
    }
}

/// How a test runner, or a person, has called this program. It takes a minute, so it
/// counts as an ignored test.
enum Asked {
    ForTheList,
    ForQuickTests,
    ToRun(Vec<String>),
}

impl Asked {
    fn of(arguments: impl Iterator<Item = String>) -> Self {
        let (options, mut names): (Vec<_>, Vec<_>) =
            arguments.partition(|argument| argument.starts_with('-'));
        let has = |option: &str| options.iter().any(|given| given == option);
        if has("--list") {
            return Self::ForTheList;
        }
        names.retain(|name| name != "exactly_once" && name != "terse");
        if names.is_empty() && !has("--ignored") && !has("--include-ignored") {
            return Self::ForQuickTests;
        }
        Self::ToRun(names)
    }
}

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |value| value.parse().unwrap())
}

async fn prove(wanted: &[String]) {
    let seed = setting("NANO_WEBHOOK_SEED", fastrand::u64(..));
    println!("NANO_WEBHOOK_SEED={seed}");
    println!("| run | deliveries | faults | lost | twice | taken over | answers |");
    println!("|---|---:|---|---:|---:|---:|---|");
    let runs = match env::var("NANO_WEBHOOK_DATABASE_URL") {
        Ok(_) => &["own-database"][..],
        Err(_) => &[
            "sqlite-kill",
            "sqlite-power",
            "sqlite-power-control",
            "sqlite-full",
            "sqlite-clock",
            "postgres-kill",
            "postgres-control",
        ],
    };
    for run in runs {
        if wanted.is_empty() || wanted.iter().any(|part| run.contains(part.as_str())) {
            let mut shown = false;
            for round in 0..CONTROL_ROUNDS {
                let row;
                (row, shown) = Run::start(run, seed.wrapping_add(round))
                    .await
                    .finish()
                    .await;
                println!("{row}");
                if shown {
                    break;
                }
            }
            assert!(
                shown,
                "{run} found nothing, so the proofs would prove nothing"
            );
        }
    }
}
