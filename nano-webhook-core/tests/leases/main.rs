//! The lease protocol: core's own code between a scripted store, timers and handlers,
//! polled by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod await_points;
mod memory;
mod model;
mod processes;
mod rules;
mod search;
mod world;

use model::Broken;
use nano_webhook_core::{Delivery, MatchedSecret, UnixTime};
use search::Search;

fn delivery(task: &str) -> Delivery {
    delivery_with(task, "")
}

fn delivery_with(task: &str, more: &str) -> Delivery {
    let body = format!(r#"{{"event":"job.failed","task_id":"{task}","more":"{more}"}}"#);
    Delivery::assume_verified(body, UnixTime::from_secs(0), MatchedSecret::Current).unwrap()
}

#[test]
fn every_schedule_keeps_the_rules() {
    for (requests, faults, ticks) in [(2, 1, 1), (2, 2, 0), (3, 1, 0)] {
        let begun = std::time::Instant::now();
        let search = Search {
            requests,
            faults,
            ticks,
            broken: None,
        };
        let (schedules, states) = search.run().unwrap();
        println!(
            "{search:?}: {schedules} schedules, {states} states {:?}",
            begun.elapsed()
        );
    }
}

#[test]
fn broken_versions_are_caught() {
    for broken in [
        Broken::ClaimIgnoresLeases,
        Broken::ClaimKeepsTheAttempt,
        Broken::NothingIsTakenOver,
        Broken::RenewIgnoresOwners,
        Broken::CompleteIgnoresOwners,
        Broken::CompletionIsForgotten,
        Broken::ReleaseIgnoresOwners,
        Broken::AdapterCompletesFailures,
    ] {
        let search = Search {
            requests: 2,
            faults: 1,
            ticks: 1,
            broken: Some(broken),
        };
        println!("{broken:?}: {}", search.run().expect_err("nothing found"));
    }
}
