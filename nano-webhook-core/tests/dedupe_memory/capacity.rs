//! What a store drops when it is full, and when records are over.

use std::collections::HashMap;
use std::time::Duration;

use nano_webhook_core::dedupe::{Claim, MemoryStore, Ownership};
use nano_webhook_test_kit::LogCapture;
use proptest::prelude::*;

use super::{SECOND, TERMS, acquired, claim, complete, release, renew, store};

#[derive(Clone, Copy, PartialEq)]
enum State {
    Completed,
    Released,
    Leased,
}
use State::{Completed, Leased, Released};

fn make(store: &MemoryStore, number: u32, state: State) {
    assert_eq!(claim(store, number, 1).unwrap(), acquired(1));
    let held = match state {
        Completed => complete(store, number, 1),
        Released => release(store, number, 1),
        Leased => Ownership::Held,
    };
    assert_eq!(held, Ownership::Held);
}

/// What a full store drops for a new delivery. Records come with their states, and
/// the seconds that pass after each.
#[test]
fn a_full_store_drops_the_least_needed_record() {
    type Row = (&'static [(State, u32)], Option<usize>, u64);
    #[rustfmt::skip]
    let rows: &[Row] = &[
        // A completion that is over.
        (&[(Completed, 1800), (Released, 0), (Completed, 1800)], Some(0), 0),
        // Released, or run out.
        (&[(Completed, 1), (Released, 0), (Leased, 0)], Some(1), 0),
        (&[(Completed, 0), (Leased, 30), (Completed, 0)], Some(1), 0),
        (&[(Leased, 29), (Released, 1), (Leased, 0)], Some(1), 0),
        (&[(Leased, 1), (Completed, 28), (Leased, 1), (Released, 0)], Some(0), 0),
        // The oldest completion.
        (&[(Leased, 0), (Completed, 1), (Completed, 0)], Some(1), 1),
        (&[(Completed, 28), (Completed, 1), (Leased, 0)], Some(0), 1),
        // Never a running lease.
        (&[(Leased, 0), (Leased, 29)], None, 0),
    ];
    for (number, (records, dropped, forgotten)) in rows.iter().enumerate() {
        let (store, clock) = store(records.len());
        for (index, (state, seconds)) in (0..).zip(*records) {
            make(&store, index, *state);
            clock.advance(SECOND * *seconds);
        }
        let new = claim(&store, 100, 1).map_err(|error| error.to_string());
        assert_eq!(store.forgotten(), *forgotten, "row {number}");
        assert_eq!(store.records(), records.len(), "row {number}");
        match dropped {
            Some(_) => assert_eq!(new, Ok(acquired(1)), "row {number}"),
            None => assert_eq!(
                new.unwrap_err(),
                "the memory store is full: 2 deliveries are being handled at once; raise its capacity"
            ),
        }
        // The state of a released record shows in a claim only, which makes room.
        let mut order: Vec<_> = (0..records.len()).collect();
        order.sort_by_key(|index| records[*index].0 == Released);
        for index in order {
            let record = u32::try_from(index).unwrap();
            let there = match records[index].0 {
                Completed => complete(&store, record, 1) == Ownership::Held,
                Leased => renew(&store, record, 1) == Ownership::Held,
                Released => claim(&store, record, 2).is_ok_and(|it| it == acquired(2)),
            };
            assert_eq!(
                there,
                *dropped != Some(index),
                "row {number}, record {index}"
            );
        }
    }
}

/// In seconds, sometimes for the retention.
fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![9 => 1_u64..40, 1 => Just(3_600)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// However full it is, a running lease stays, and a former owner has lost. A store with
    /// room forgets no completion before its time.
    #[test]
    fn nothing_is_forgotten_before_its_time(
        capacity in prop::sample::select(vec![4, 1_000]),
        steps in prop::collection::vec((0_u8..6, 0_u32..8, 0_u8..3, pause()), 1..200)
    ) {
        let (store, clock) = store(capacity);
        let has_room = capacity > 200;
        // Who acquired it last, and until when. The end of its latest completion.
        let mut last: HashMap<u32, (u8, Duration)> = HashMap::new();
        let mut completed: HashMap<u32, Duration> = HashMap::new();
        for (call, number, by, seconds) in steps {
            let now = clock.elapsed();
            let running = |number| (last.get(&number)).filter(|(_, deadline)| *deadline > now);
            let holder = running(number).map(|(holder, _)| *holder);
            let is_completed = completed.get(&number).is_some_and(|end| *end > now);
            let deadline = now + TERMS.lease;
            match call {
                0 | 1 => match claim(&store, number, by) {
                    Ok(Claim::Acquired { .. }) => {
                        prop_assert!(holder.is_none_or(|holder| holder == by));
                        prop_assert!(!(has_room && is_completed));
                        last.insert(number, (by, deadline));
                        completed.remove(&number);
                    }
                    Ok(Claim::InProgress { .. }) => {
                        prop_assert!(holder.is_some_and(|holder| holder != by));
                    }
                    Ok(Claim::Completed { .. }) => prop_assert!(holder.is_none() && is_completed),
                    Err(_) => {
                        prop_assert_eq!(holder, None);
                        prop_assert_eq!((0..8).filter_map(running).count(), capacity);
                    }
                },
                2..=4 => {
                    let held = match call {
                        2 => renew(&store, number, by),
                        3 => complete(&store, number, by),
                        _ => release(&store, number, by),
                    };
                    if holder == Some(by) {
                        prop_assert_eq!(held, Ownership::Held);
                    }
                    if last.get(&number).is_none_or(|(last, _)| *last != by) {
                        prop_assert_eq!(held, Ownership::Lost);
                    } else if held == Ownership::Held {
                        last.insert(number, (by, if call == 2 { deadline } else { Duration::ZERO }));
                        if call == 3 && !is_completed {
                            completed.insert(number, now + TERMS.retention);
                        }
                    }
                }
                _ => clock.advance(Duration::from_secs(seconds)),
            }
            prop_assert!(store.records() <= capacity);
        }
    }
}

/// The work of one claim is bounded.
#[test]
fn forgotten_records_go_a_few_at_a_time() {
    for state in [Completed, Released, Leased] {
        let (store, clock) = store(20_000);
        for number in 0..10_000 {
            make(&store, number, state);
        }
        clock.advance(TERMS.lease + TERMS.retention);
        // Handled again before its old record goes.
        make(&store, 5_000, Completed);
        let before = store.records();
        for number in 1..4_998 {
            make(&store, 10_000 + number, state);
            assert_eq!(store.records(), before - number as usize);
        }
        assert_eq!(store.forgotten(), 0);
        assert!(matches!(
            claim(&store, 5_000, 2),
            Ok(Claim::Completed { .. })
        ));
    }
}

#[test]
fn forgetting_is_logged_at_the_first_and_at_each_doubling() {
    let (store, _) = store(1);
    let (log, _guard) = LogCapture::of_this_thread();
    for number in 0..100 {
        make(&store, number, Completed);
    }
    assert_eq!(store.forgotten(), 99);
    let text = log.take();
    let counts = text.split("forgotten=").skip(1);
    let counts: Vec<_> = counts.map(|rest| rest.split(' ').next().unwrap()).collect();
    assert_eq!(counts, ["1", "2", "4", "8", "16", "32", "64"]);
}
