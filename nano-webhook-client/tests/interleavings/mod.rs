//! Every interleaving of several runs of `ensure` and `rotate`, with deaths and
//! lost messages at every call, on a model of the provider. The search drives the
//! client itself over a transport whose every step it schedules.

mod broken;
mod execution;
mod port;
mod provider;
mod search;

use broken::Fault;
use execution::Job;
use provider::{Cut, Ids, Provider, Stored};
use search::Search;

const BOTH: &str = r#"["job.completed","job.failed"]"#;
const ONE: &str = r#"["job.completed"]"#;

/// With `NANO_WEBHOOK_DEEP` set, the search takes minutes and covers three runs, a
/// second fault and other beginnings.
fn deep() -> bool {
    std::env::var_os("NANO_WEBHOOK_DEEP").is_some()
}

fn beginnings() -> &'static [&'static [&'static str]] {
    match deep() {
        true => &[&[ONE], &[], &[BOTH, ONE]],
        false => &[&[ONE]],
    }
}

fn provider(before: &[&str], set: impl Fn(&mut Provider)) -> Provider {
    let mut provider = Provider::default();
    set(&mut provider);
    for events in before {
        provider.add(events);
    }
    provider
}

#[test]
fn exactly_one_remains() {
    use Job::{Ensure, Rotate};
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
        for ids in [Ids::Ascending, Ids::Texts] {
            let mut search = Search::exact(attempts);
            for before in beginnings() {
                search.run(&provider(before, |model| model.ids = ids), jobs, faults);
            }
            println!("{jobs:?}, {ids:?}, {faults} faults, {attempts} attempts: {search}");
        }
    }
}

/// With lists that lag, are cut off or come in pages, and ids in any order: the URL
/// is never without a webhook, and no run adds to what earlier runs left.
#[rustfmt::skip]
#[test]
fn never_without_a_webhook() {
    use Job::{Ensure, Rotate};
    for (name, faults, set) in [
        ("ids descend", 1, (|model| model.ids = Ids::Descending) as fn(&mut Provider)),
        ("the list lags", 0, |model| model.lags = true),
        ("the oldest is listed", 1, |model| {
            model.cut = Some((Cut::Oldest, 1))
        }),
        ("the oldest two are listed", 1, |model| {
            model.cut = Some((Cut::Oldest, 2))
        }),
        ("the newest is listed", 1, |model| {
            model.cut = Some((Cut::Newest, 1))
        }),
        ("pages of one entry", 0, |model| model.page = 1),
        ("a slash is added", 1, |model| model.stored = Stored::Slash),
        ("an event is added", 1, |model| model.stored = Stored::Event),
        ("it is pending", 1, |model| model.stored = Stored::Pending),
        ("it is Active", 1, |model| model.stored = Stored::Case),
    ] {
        let mut search = Search::default();
        for before in beginnings() {
            // A list that lags has by far the most schedules.
            let others = if faults == 0 && !deep() { 1 } else { 3 };
            for other in [Ensure(ONE), Rotate(ONE), Ensure(BOTH)]
                .into_iter()
                .take(others)
            {
                search.run(&provider(before, set), &[Ensure(BOTH), other], faults);
            }
        }
        println!("{name}, {faults} faults: {search}");
    }
}

/// The search finds what is wrong with other protocols.
#[test]
fn broken_protocols_are_caught() {
    for (fault, ids) in [
        (Fault::FirstRelease, Ids::Ascending),
        (Fault::DeletesNewer, Ids::Ascending),
        (Fault::DoesNotConfirm, Ids::Ascending),
        (Fault::LoserSucceeds, Ids::Ascending),
        (Fault::DeletesNewer, Ids::Texts),
    ] {
        let jobs = [Job::Broken(fault, BOTH), Job::Broken(fault, ONE)];
        let provider = provider(&[ONE], |model| model.ids = ids);
        let run = || Search::exact(1).run(&provider, &jobs, 1);
        let caught = std::panic::catch_unwind(run).expect_err("the search found nothing");
        println!("{fault:?}: {}", caught.downcast_ref::<String>().unwrap());
    }
}
