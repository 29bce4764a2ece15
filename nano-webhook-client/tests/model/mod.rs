//! Every interleaving of several runs of `ensure` and `rotate`, with deaths and
//! lost messages at every call, on a model of the provider. The search drives the
//! client itself over a transport whose every step it schedules.

mod broken;
mod provider;
mod run;
mod scenarios;
mod search;

use broken::Fault;
use provider::{Events, Provider, URL};
use run::Job::{self, Ensure, Rotate};
use search::Search;
use serde_json::{Value, json};

pub(crate) const BOTH: Events = &["job.completed", "job.failed"];
pub(crate) const ONE: Events = &["job.completed"];

type Ids = fn(u64) -> Value;

const ASCENDING: Ids = |made| json!(made);
const DESCENDING: Ids = |made| json!(100 - made);
const TEXTS: Ids = |made| {
    // In no order.
    format!("{}{made}", ["m", "c", "x", "a"][made as usize % 4]).into()
};

/// With `NANO_WEBHOOK_DEEP` set, the search takes minutes and covers three runs, a
/// second fault and other beginnings.
fn deep() -> bool {
    std::env::var_os("NANO_WEBHOOK_DEEP").is_some()
}

fn beginnings(ids: Ids) -> Vec<Provider> {
    let beginnings: &[&[Events]] = match deep() {
        true => &[&[ONE], &[], &[BOTH, ONE]],
        false => &[&[ONE]],
    };
    let provider = |before: &&[Events]| {
        let before: Vec<_> = before
            .iter()
            .map(|events| (URL, *events, "active"))
            .collect();
        Provider::new(&before, ids)
    };
    beginnings.iter().map(provider).collect()
}

#[test]
fn exactly_one_remains() {
    let depth = u32::from(deep());
    for (jobs, faults, attempts) in [
        (&[Ensure(BOTH), Ensure(ONE)][..], 1 + depth, 1),
        (&[Ensure(BOTH), Ensure(ONE)], 1, 2),
        (&[Ensure(BOTH), Rotate(BOTH)], 1 + depth, 1),
        (&[Rotate(ONE), Rotate(BOTH)], 1 + depth, 1),
        (&[Rotate(ONE), Rotate(BOTH)], 1, 2),
        (&[Ensure(BOTH), Ensure(ONE), Rotate(BOTH)], depth, 1),
        (&[Rotate(BOTH), Rotate(BOTH), Ensure(BOTH)], depth, 1),
        (&[Ensure(BOTH), Ensure(BOTH), Ensure(BOTH)], depth, 1),
    ] {
        for ids in [ASCENDING, TEXTS] {
            if jobs.len() > 2 && !deep() {
                continue;
            }
            let mut search = Search::new(true);
            for provider in beginnings(ids) {
                search.run(&provider, jobs, faults, attempts);
            }
            println!("{jobs:?}, {faults} faults, {attempts} attempts: {search}");
        }
    }
}

/// With lists that lag, are cut off or come in pages, and ids in any order: the URL
/// is never without a webhook, and no run adds to what earlier runs left.
#[test]
fn never_without_a_webhook() {
    for (name, faults, ids, set) in [
        ("ids descend", 1, DESCENDING, (|_| {}) as fn(&mut Provider)),
        ("the list lags", 0, ASCENDING, |model| model.lags = true),
        ("the oldest is listed", 1, ASCENDING, |model| {
            model.cut[0] = 1
        }),
        ("the oldest two are", 1, ASCENDING, |model| model.cut[0] = 2),
        ("the newest is listed", 1, ASCENDING, |model| {
            model.cut[1] = 1
        }),
        ("pages of one entry", 0, ASCENDING, |model| model.page = 1),
        ("a slash is added", 1, ASCENDING, |model| {
            model.change = |hook| hook["url"] = json!(format!("{URL}/"));
        }),
        ("an event is added", 1, ASCENDING, |model| {
            model.change = |hook| hook["events"].as_array_mut().unwrap().push(json!("ping"));
        }),
        ("it is pending", 1, ASCENDING, |model| {
            model.change = |hook| hook["status"] = json!("pending");
        }),
        ("it is Active", 1, ASCENDING, |model| {
            model.change = |hook| hook["status"] = json!("Active");
        }),
    ] {
        // A list that lags has by far the most schedules.
        let others = if faults == 0 && !deep() { 1 } else { 3 };
        let mut search = Search::new(false);
        for mut provider in beginnings(ids) {
            set(&mut provider);
            for other in [Ensure(ONE), Rotate(ONE), Ensure(BOTH)].iter().take(others) {
                search.run(&provider, &[Ensure(BOTH), *other], faults, 1);
            }
        }
        println!("{name}, {faults} faults: {search}");
    }
}

/// The search finds what is wrong with other protocols.
#[test]
fn broken_protocols_are_caught() {
    for (fault, ids) in [
        (Fault::FirstRelease, ASCENDING),
        (Fault::DeletesNewer, ASCENDING),
        (Fault::DoesNotConfirm, ASCENDING),
        (Fault::LoserSucceeds, ASCENDING),
        (Fault::DeletesNewer, TEXTS),
    ] {
        let jobs = [Job::Broken(fault, BOTH), Job::Broken(fault, ONE)];
        let mut search = Search::new(true);
        let provider = Provider::new(&[(URL, ONE, "active")], ids);
        let run = move || search.run(&provider, &jobs, 1, 1);
        let run = std::panic::AssertUnwindSafe(run);
        let caught = std::panic::catch_unwind(run).expect_err("the search found nothing");
        println!("{fault:?}: {}", caught.downcast_ref::<String>().unwrap());
    }
}
