//! The lease protocol: core's own code, polled by hand, between a store, timers and
//! handlers that do what a test decides.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod endings;
mod processes;
mod rules;
mod search;
mod setups;
mod world;

use nano_webhook_core::{Delivery, MatchedSecret, UnixTime};
use search::Search;

fn delivery(task: &str) -> Delivery {
    delivery_with(task, "")
}

fn delivery_with(task: &str, more: &str) -> Delivery {
    let body = format!(r#"{{"event":"job.failed","task_id":"{task}","more":"{more}"}}"#);
    Delivery::assume_verified(body, UnixTime::from_secs(0), MatchedSecret::Current).unwrap()
}

#[rustfmt::skip]
const SEARCHES: &[Search] = &[
    Search { requests: 2, faults: 1, ticks: 1 },
    Search { requests: 2, faults: 2, ticks: 0 },
    Search { requests: 3, faults: 1, ticks: 0 },
];

/// With `NANO_WEBHOOK_DEEP` set; they take minutes.
#[rustfmt::skip]
const DEEP: &[Search] = &[
    Search { requests: 2, faults: 3, ticks: 2 },
    Search { requests: 3, faults: 2, ticks: 1 },
];

#[test]
fn every_schedule_keeps_the_rules() {
    let deep = std::env::var_os("NANO_WEBHOOK_DEEP").map_or(&[][..], |_| DEEP);
    for search in SEARCHES.iter().chain(deep) {
        let (schedules, states) = search.run().unwrap_or_else(|rule| panic!("{rule}"));
        println!("{search:?}: {schedules} schedules, {states} states");
    }
}
