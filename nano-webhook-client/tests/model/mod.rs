//! Every interleaving of several runs of `ensure` and `rotate`, with deaths and
//! lost messages at every call, on a model of the provider. The search drives the
//! client itself over a transport whose every step it schedules.

mod provider;
mod run;
mod scenarios;
mod search;

use provider::{Events, Provider, URL};
use run::Job::{Ensure, Rotate};
use search::Search;
use serde_json::{Value, json};

pub(crate) const BOTH: Events = &["job.completed", "job.failed"];
pub(crate) const ONE: Events = &["job.completed"];

type Ids = fn(u64) -> Value;
type Change = fn(&mut Value);

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

fn beginnings(ids: Ids) -> impl Iterator<Item = Provider> {
    let beginnings: [&[Events]; 3] = [&[ONE], &[], &[BOTH, ONE]];
    let provider = move |before: &[Events]| {
        let before: Vec<_> = before.iter().map(|it| (URL, *it, "active")).collect();
        Provider::new(&before, ids)
    };
    let count = if deep() { 3 } else { 1 };
    beginnings.into_iter().take(count).map(provider)
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
        if jobs.len() > 2 && !deep() {
            continue;
        }
        println!("{jobs:?}");
        for ids in [ASCENDING, TEXTS] {
            beginnings(ids).for_each(|it| Search::run(true, &it, jobs, faults, attempts));
        }
    }
}

/// With lists that lag, are cut off or come in pages, and ids in any order: the URL
/// is never without a webhook, and no run adds to what earlier runs left.
#[test]
fn never_without_a_webhook() {
    const RENAME: Change = |hook| hook["url"] = json!(format!("{URL}/"));
    const ADD: Change = |hook| hook["events"].as_array_mut().unwrap().push(json!("ping"));
    const PENDING: Change = |hook| hook["status"] = json!("pending");
    const CAPITAL: Change = |hook| hook["status"] = json!("Active");
    for (name, faults, ids, set) in [
        ("ids descend", 1, DESCENDING, (|_| {}) as fn(&mut Provider)),
        ("the list lags", 0, ASCENDING, |it| it.lags = true),
        ("the oldest is listed", 1, ASCENDING, |it| it.cut[0] = 1),
        ("the oldest two are", 1, ASCENDING, |it| it.cut[0] = 2),
        ("the newest is listed", 1, ASCENDING, |it| it.cut[1] = 1),
        ("pages of one entry", 0, ASCENDING, |it| it.page = 1),
        ("a slash is added", 1, ASCENDING, |it| it.change = RENAME),
        ("an event is added", 1, ASCENDING, |it| it.change = ADD),
        ("it is pending", 1, ASCENDING, |it| it.change = PENDING),
        ("it is Active", 1, ASCENDING, |it| it.change = CAPITAL),
        ("it is pending and the list lags", 0, ASCENDING, |it| {
            (it.change, it.lags) = (PENDING, true);
        }),
    ] {
        println!("{name}");
        // A list that lags has by far the most schedules.
        let others = if faults == 0 && !deep() { 1 } else { 3 };
        for mut provider in beginnings(ids) {
            set(&mut provider);
            for other in [Ensure(ONE), Rotate(ONE), Ensure(BOTH)].iter().take(others) {
                Search::run(false, &provider, &[Ensure(BOTH), *other], faults, 1);
            }
        }
    }
}
