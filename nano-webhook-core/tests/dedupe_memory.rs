//! `MemoryStore`: the contract, its capacity, its time, and threads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;
use std::future::Future;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use futures_util::FutureExt as _;
use nano_webhook_core::ConfigError;
use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, ManualClock, MemoryStore, OwnerToken, Ownership,
    StoreError, Terms,
};
use nano_webhook_core::testing::store::acceptance;
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);
const NANOSECOND: Duration = Duration::from_nanos(1);
const TERMS: Terms = Terms {
    lease: Duration::from_secs(30),
    retention: Duration::from_secs(3600),
};
const BODY: BodyDigest = BodyDigest::from_bytes([7; 16]);
const COMPLETED: Claim = Claim::Completed { body: BODY };

const fn acquired(attempt: u64) -> Claim {
    Claim::Acquired {
        attempt,
        taken_over: false,
    }
}

/// A memory store never waits.
fn now<T>(call: impl Future<Output = T>) -> T {
    call.now_or_never().expect("answers at once")
}

fn store(capacity: usize) -> (MemoryStore, ManualClock) {
    let clock = ManualClock::default();
    let store = MemoryStore::with_clock(capacity, &clock).unwrap();
    (store, clock)
}

fn id(number: u32) -> DeliveryId {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    DeliveryId::from_bytes(bytes)
}

fn owner(number: u8) -> OwnerToken {
    OwnerToken::from_bytes([number; 16])
}

fn claim(store: &MemoryStore, number: u32, by: u8) -> Result<Claim, StoreError> {
    now(store.claim(id(number), BODY, owner(by), TERMS))
}

fn renew(store: &MemoryStore, number: u32, by: u8) -> Ownership {
    now(store.renew(id(number), owner(by), TERMS)).unwrap()
}

fn complete(store: &MemoryStore, number: u32, by: u8) -> Ownership {
    now(store.complete(id(number), owner(by), TERMS)).unwrap()
}

fn release(store: &MemoryStore, number: u32, by: u8) -> Ownership {
    now(store.release(id(number), owner(by), TERMS)).unwrap()
}

#[test]
fn it_keeps_the_contract() {
    let (store, clock) = store(1_000);
    let sleep = async |time| clock.advance(time);
    now(acceptance(&store, Duration::from_secs(60), sleep));
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Completed,
    Released,
    Leased,
}
use State::{Completed, Leased, Released};

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
            assert_eq!(claim(&store, index, 1).unwrap(), acquired(1));
            let held = match state {
                Completed => complete(&store, index, 1),
                Released => release(&store, index, 1),
                Leased => Ownership::Held,
            };
            assert_eq!(held, Ownership::Held);
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// However full it is, a running lease stays, and a former owner has lost.
    #[test]
    fn a_full_store_is_safe(
        steps in prop::collection::vec((0_u8..6, 0_u32..8, 0_u8..3, 1_u64..40), 1..200)
    ) {
        const CAPACITY: usize = 4;
        let (store, clock) = store(CAPACITY);
        // Who acquired it last, and until when.
        let mut last: HashMap<u32, (u8, Duration)> = HashMap::new();
        for (call, number, by, seconds) in steps {
            let running = |number| {
                (last.get(&number)).filter(|(_, deadline)| *deadline > clock.elapsed())
            };
            let holder = running(number).map(|(holder, _)| *holder);
            let deadline = clock.elapsed() + TERMS.lease;
            match call {
                0 | 1 => match claim(&store, number, by) {
                    Ok(Claim::Acquired { .. }) => {
                        prop_assert!(holder.is_none_or(|holder| holder == by));
                        last.insert(number, (by, deadline));
                    }
                    Ok(Claim::InProgress { .. }) => {
                        prop_assert!(holder.is_some_and(|holder| holder != by));
                    }
                    Ok(Claim::Completed { .. }) => prop_assert_eq!(holder, None),
                    Err(_) => {
                        prop_assert_eq!(holder, None);
                        prop_assert_eq!((0..8).filter_map(running).count(), CAPACITY);
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
                    }
                }
                _ => clock.advance(Duration::from_secs(seconds)),
            }
            prop_assert!(store.records() <= CAPACITY);
        }
    }
}

#[test]
fn deadlines_are_exact_to_the_nanosecond() {
    let (store, clock) = store(10);
    claim(&store, 0, 1).unwrap();
    clock.advance(TERMS.lease - NANOSECOND);
    let remaining = NANOSECOND;
    assert_eq!(
        claim(&store, 0, 2).unwrap(),
        Claim::InProgress { remaining }
    );
    clock.advance(NANOSECOND);
    let taken_over = Claim::Acquired {
        attempt: 2,
        taken_over: true,
    };
    assert_eq!(claim(&store, 0, 2).unwrap(), taken_over);

    assert_eq!(complete(&store, 0, 2), Ownership::Held);
    clock.advance(TERMS.retention - NANOSECOND);
    assert_eq!(claim(&store, 0, 1).unwrap(), COMPLETED);
    clock.advance(NANOSECOND);
    assert_eq!(claim(&store, 0, 1).unwrap(), acquired(1));
}

#[test]
fn the_longest_durations_do_not_overflow() {
    let (store, clock) = store(10);
    let terms = Terms {
        lease: Duration::MAX,
        retention: Duration::MAX,
    };
    clock.advance(SECOND);
    now(store.claim(id(0), BODY, owner(1), terms)).unwrap();
    clock.advance(SECOND * (100 * 366 * 24 * 3600));
    let held = now(store.complete(id(0), owner(1), terms)).unwrap();
    assert_eq!(held, Ownership::Held);
    assert_eq!(claim(&store, 0, 1).unwrap(), COMPLETED);
}

/// The work of one claim is bounded.
#[test]
fn forgotten_records_go_a_few_at_a_time() {
    let (store, clock) = store(20_000);
    for number in 0..10_000 {
        claim(&store, number, 1).unwrap();
        let _ = complete(&store, number, 1);
    }
    clock.advance(TERMS.retention);
    let mut before = store.records();
    for number in 10_000..15_000 {
        claim(&store, number, 1).unwrap();
        assert_eq!(store.records(), before - 1);
        before = store.records();
    }
    assert_eq!((before, store.forgotten()), (5_000, 0));
}

#[test]
fn clones_are_one_store() {
    let (store, _) = store(10);
    claim(&store.clone(), 0, 1).unwrap();
    assert_eq!(complete(&store, 0, 1), Ownership::Held);
    assert_eq!(
        format!("{store:?}"),
        "MemoryStore { capacity: 10, records: 1, forgotten: 0 }"
    );
    assert_eq!(MemoryStore::default().capacity(), 100_000);
    let error = MemoryStore::with_capacity(0).unwrap_err();
    assert!(matches!(error, ConfigError::Zero { .. }), "{error}");
}

/// Threads compete for each delivery; handlers fail one time in three. Time is
/// real.
#[test]
fn threads_handle_each_delivery_once_and_never_two_at_once() {
    const DELIVERIES: u32 = 500;
    let store = MemoryStore::default();
    let busy: Vec<AtomicBool> = (0..DELIVERIES).map(|_| AtomicBool::new(false)).collect();
    let handled: Vec<AtomicU64> = (0..DELIVERIES).map(|_| AtomicU64::new(0)).collect();
    let tries = AtomicU64::new(0);
    let compete = |by| {
        for (number, (busy, handled)) in (0..).zip(busy.iter().zip(&handled)) {
            loop {
                match claim(&store, number, by).unwrap() {
                    Claim::Completed { .. } => break,
                    Claim::InProgress { .. } => thread::yield_now(),
                    Claim::Acquired { .. } => {
                        assert!(!busy.swap(true, Ordering::SeqCst));
                        thread::yield_now();
                        let fails = tries.fetch_add(1, Ordering::SeqCst).is_multiple_of(3);
                        assert!(busy.swap(false, Ordering::SeqCst));
                        let held = if fails {
                            release(&store, number, by)
                        } else {
                            handled.fetch_add(1, Ordering::SeqCst);
                            complete(&store, number, by)
                        };
                        assert_eq!(held, Ownership::Held);
                    }
                }
            }
        }
    };
    thread::scope(|scope| {
        for by in 0..8 {
            scope.spawn(move || compete(by));
        }
    });
    assert!((handled.iter()).all(|count| count.load(Ordering::SeqCst) == 1));
    assert!(tries.load(Ordering::SeqCst) > u64::from(DELIVERIES));
}

/// It waits for the event, not for the time.
#[test]
fn a_lease_runs_out_in_real_time() {
    let store = MemoryStore::default();
    let terms = Terms {
        lease: Duration::from_millis(20),
        ..TERMS
    };
    now(store.claim(id(0), BODY, owner(1), terms)).unwrap();
    while let Claim::InProgress { remaining } = claim(&store, 0, 2).unwrap() {
        assert!(remaining <= terms.lease);
        thread::sleep(remaining);
    }
    assert_eq!(renew(&store, 0, 1), Ownership::Lost);
}

#[test]
fn forgetting_is_logged_at_the_first_and_at_each_doubling() {
    let (store, _) = store(1);
    tracing::subscriber::with_default(Log, || {
        for number in 0..100 {
            claim(&store, number, 1).unwrap();
            let _ = complete(&store, number, 1);
        }
    });
    assert_eq!(store.forgotten(), 99);
    assert_eq!(*WARNINGS.lock().unwrap(), [1, 2, 4, 8, 16, 32, 64]);
}

static WARNINGS: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// Keeps the number in each warning.
struct Log;

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN
    }

    fn event(&self, event: &tracing::Event<'_>) {
        struct Forgotten;
        impl tracing::field::Visit for Forgotten {
            fn record_u64(&mut self, field: &tracing::field::Field, value: u64) {
                if field.name() == "forgotten" {
                    WARNINGS.lock().unwrap().push(value);
                }
            }
            fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
        }
        event.record(&mut Forgotten);
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
