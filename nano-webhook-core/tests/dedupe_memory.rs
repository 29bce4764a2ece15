//! `MemoryStore`: the contract, its bounds, and threads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;
use std::future::{Future, ready};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use nano_webhook_core::ConfigError;
use nano_webhook_core::dedupe::acceptance::{Acceptance, Step};
use nano_webhook_core::dedupe::{
    Claim, DedupeStore, DeliveryId, LeaseToken, ManualClock, MemoryStore, Ownership, StoreError,
    Terms,
};
use proptest::prelude::*;

const UNIT: Duration = Duration::from_secs(60);
const NANOSECOND: Duration = Duration::from_nanos(1);
const TERMS: Terms = Terms {
    lease: Duration::from_secs(30),
    retention: Duration::from_secs(3600),
};

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
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    DeliveryId::from_bytes(bytes)
}

fn owner(number: u8) -> LeaseToken {
    LeaseToken::from_bytes([number; 16])
}

fn claim(store: &MemoryStore, number: u32) -> Result<Claim, StoreError> {
    now(store.claim(id(number), owner(1), TERMS))
}

fn complete(store: &MemoryStore, number: u32) {
    assert_eq!(claim(store, number).unwrap(), FIRST);
    let held = now(store.complete(id(number), owner(1), TERMS)).unwrap();
    assert_eq!(held, Ownership::Held);
}

fn release(store: &MemoryStore, number: u32) {
    let held = now(store.release(id(number), owner(1), TERMS)).unwrap();
    assert_eq!(held, Ownership::Held);
}

const FIRST: Claim = Claim::Acquired { attempt: 1 };
const SECOND: Claim = Claim::Acquired { attempt: 2 };

#[test]
fn it_keeps_the_contract() {
    let (store, clock) = store(1_000);
    let sleep = |time| {
        clock.advance(time);
        ready(())
    };
    now(Acceptance::new(&store, UNIT, sleep).all()).unwrap();
}

#[test]
fn it_keeps_a_lease_however_crowded() {
    let (store, _) = store(3);
    now(Acceptance::new(&store, UNIT, |_| ready(())).crowding(10_000)).unwrap();
    assert_eq!(store.records(), 3);
    assert!(store.forgotten() > 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_agrees_with_the_model(
        steps in prop::collection::vec(any::<[u8; 4]>().prop_map(Step::from_bytes), 1..100)
    ) {
        let (store, clock) = store(100);
        let sleep = |time| {
            clock.advance(time);
            ready(())
        };
        now(Acceptance::new(&store, UNIT, sleep).steps(&steps))
            .map_err(|violation| TestCaseError::fail(violation.to_string()))?;
    }

    /// What holds however full it is.
    #[test]
    fn a_full_store_is_safe(
        steps in prop::collection::vec((0_u8..6, 0_u32..8, 0_u8..3, 1_u64..40), 1..200)
    ) {
        const CAPACITY: usize = 4;
        let (store, clock) = store(CAPACITY);
        let mut live: HashMap<u32, (u8, Duration)> = HashMap::new();
        for (call, number, by, seconds) in steps {
            live.retain(|_, (_, deadline)| *deadline > clock.elapsed());
            let holder = live.get(&number).map(|(holder, _)| *holder);
            let deadline = clock.elapsed() + TERMS.lease;
            match call {
                0 | 1 => match (now(store.claim(id(number), owner(by), TERMS)), holder) {
                    (Ok(Claim::Acquired { .. }), holder) => {
                        prop_assert!(holder.is_none_or(|holder| holder == by));
                        live.insert(number, (by, deadline));
                    }
                    (Ok(Claim::InProgress { .. }), holder) => {
                        prop_assert!(holder.is_some_and(|holder| holder != by));
                    }
                    (Ok(Claim::Completed), holder) => prop_assert_eq!(holder, None),
                    (Err(_), holder) => {
                        prop_assert_eq!(holder, None);
                        prop_assert_eq!(live.len(), CAPACITY);
                    }
                },
                2..=4 => {
                    let held = match call {
                        2 => now(store.renew(id(number), owner(by), TERMS)),
                        3 => now(store.complete(id(number), owner(by), TERMS)),
                        _ => now(store.release(id(number), owner(by), TERMS)),
                    }
                    .unwrap();
                    if holder == Some(by) {
                        prop_assert_eq!(held, Ownership::Held);
                        live.remove(&number);
                        if call == 2 {
                            live.insert(number, (by, deadline));
                        }
                    } else if call != 3 {
                        prop_assert_eq!(held, Ownership::Lost);
                    }
                }
                _ => clock.advance(Duration::from_secs(seconds)),
            }
            prop_assert!(store.records() <= CAPACITY);
        }
    }
}

#[test]
fn a_lease_and_a_retention_end_on_the_nanosecond() {
    let (store, clock) = store(10);
    assert_eq!(claim(&store, 0).unwrap(), FIRST);
    clock.advance(TERMS.lease - NANOSECOND);
    let other = now(store.claim(id(0), owner(2), TERMS)).unwrap();
    let remaining = NANOSECOND;
    assert_eq!(other, Claim::InProgress { remaining });
    clock.advance(NANOSECOND);
    let late = now(store.complete(id(0), owner(1), TERMS)).unwrap();
    assert_eq!(late, Ownership::Lost);
    assert_eq!(claim(&store, 0).unwrap(), SECOND);

    complete(&store, 1);
    clock.advance(TERMS.retention - NANOSECOND);
    assert_eq!(claim(&store, 1).unwrap(), Claim::Completed);
    clock.advance(NANOSECOND);
    assert_eq!(claim(&store, 1).unwrap(), FIRST);
}

#[test]
fn durations_beyond_all_measure_do_not_overflow() {
    let (store, clock) = store(10);
    let terms = Terms {
        lease: Duration::MAX,
        retention: Duration::MAX,
    };
    clock.advance(Duration::from_secs(1));
    assert_eq!(now(store.claim(id(0), owner(1), terms)).unwrap(), FIRST);
    clock.advance(Duration::from_secs(100 * 366 * 24 * 3600));
    let held = now(store.complete(id(0), owner(1), terms)).unwrap();
    assert_eq!(held, Ownership::Held);
    assert_eq!(claim(&store, 0).unwrap(), Claim::Completed);
}

#[test]
fn a_full_store_forgets_the_expired_first() {
    let (store, clock) = store(3);
    complete(&store, 0); // will have expired
    clock.advance(TERMS.retention / 2);
    assert_eq!(claim(&store, 1).unwrap(), FIRST);
    release(&store, 1);
    complete(&store, 2);
    clock.advance(TERMS.retention / 2);

    assert_eq!(claim(&store, 3).unwrap(), FIRST);
    assert_eq!(store.records(), 3);
    assert_eq!(claim(&store, 1).unwrap(), SECOND);
    assert_eq!(claim(&store, 2).unwrap(), Claim::Completed);
    assert_eq!(store.forgotten(), 0);
}

#[test]
fn a_full_store_then_forgets_the_free() {
    let (store, clock) = store(4);
    complete(&store, 0);
    clock.advance(Duration::from_secs(1));
    assert_eq!(claim(&store, 1).unwrap(), FIRST); // its lease will have run out
    clock.advance(TERMS.lease);
    assert_eq!(claim(&store, 2).unwrap(), FIRST);
    release(&store, 2);
    assert_eq!(claim(&store, 3).unwrap(), FIRST);

    assert_eq!(claim(&store, 4).unwrap(), FIRST);
    assert_eq!(claim(&store, 5).unwrap(), FIRST);
    assert_eq!(claim(&store, 0).unwrap(), Claim::Completed);
    assert_eq!(store.forgotten(), 0);
    assert_eq!(store.records(), 4);
    // 1 and 2 went, one after the other.
    assert_eq!(claim(&store, 1).unwrap(), FIRST);
    assert_eq!(store.forgotten(), 1);
}

#[test]
fn a_full_store_then_forgets_the_oldest_completion() {
    let (store, clock) = store(5);
    for number in [4, 2, 0, 3] {
        complete(&store, number);
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(claim(&store, 1).unwrap(), FIRST); // held throughout
    for (count, (new, forgotten)) in [(10, 4), (11, 2), (12, 0), (13, 3)].into_iter().enumerate() {
        // Right before, it was still known.
        assert_eq!(claim(&store, forgotten).unwrap(), Claim::Completed);
        assert_eq!(claim(&store, new).unwrap(), FIRST);
        assert_eq!(store.forgotten(), count as u64 + 1);
    }
    let held = now(store.renew(id(1), owner(1), TERMS)).unwrap();
    assert_eq!(held, Ownership::Held);
}

#[test]
fn a_store_full_of_leases_refuses_the_next_until_one_ends() {
    let (store, clock) = store(2);
    assert_eq!(claim(&store, 0).unwrap(), FIRST);
    clock.advance(Duration::from_secs(1));
    assert_eq!(claim(&store, 1).unwrap(), FIRST);
    let error = claim(&store, 2).unwrap_err().to_string();
    assert_eq!(
        error,
        "the memory store is full: 2 deliveries are being handled at once; raise its capacity"
    );
    assert_eq!(
        claim(&store, 0).unwrap(),
        FIRST,
        "a repetition needs no room"
    );
    assert_eq!(store.forgotten(), 0);

    release(&store, 0);
    assert_eq!(claim(&store, 2).unwrap(), FIRST);
    clock.advance(TERMS.lease - Duration::from_secs(1)); // 1 runs out
    assert!(claim(&store, 3).is_err());
    clock.advance(Duration::from_secs(1)); // 1 runs out
    assert_eq!(claim(&store, 3).unwrap(), FIRST);
}

/// The parts of a large store share one capacity: a part without anything to
/// forget gets room from another one.
#[test]
fn the_capacity_is_that_of_all_parts() {
    const CAPACITY: u32 = 16 * 1024;
    let (store, _) = store(CAPACITY as usize);
    // Its first byte is its part.
    let spread = |number: u32| number.swap_bytes();
    for number in 0..CAPACITY {
        complete(&store, spread(number));
    }
    assert_eq!((store.records(), store.forgotten()), (CAPACITY as usize, 0));
    // All in one part, and never a lease that is running.
    for number in 1..=CAPACITY {
        assert_eq!(claim(&store, number | 0x00f0_0000).unwrap(), FIRST);
        assert_eq!(store.records(), CAPACITY as usize);
        assert_eq!(store.forgotten(), u64::from(number));
    }
    assert!(claim(&store, 0x00ff_ffff).is_err());
    for number in 1..=CAPACITY {
        let held = store.renew(id(number | 0x00f0_0000), owner(1), TERMS);
        assert_eq!(now(held).unwrap(), Ownership::Held);
    }
}

#[test]
fn what_has_expired_goes_a_little_at_a_time() {
    let (store, clock) = store(20_000);
    for number in 0..10_000 {
        complete(&store, number);
    }
    clock.advance(TERMS.retention);
    let mut before = store.records();
    let mut claims = 0;
    while store.records() > claims {
        claim(&store, 1_000_000 + u32::try_from(claims).unwrap()).unwrap();
        claims += 1;
        let dropped = before + 1 - store.records();
        assert!(dropped <= 8, "one claim dropped {dropped}");
        before = store.records();
    }
    assert_eq!(claims, 10_000 / 8);
}

#[test]
fn clones_are_one_store() {
    let (store, _) = store(10);
    let clone = store.clone();
    complete(&store, 0);
    assert_eq!(claim(&clone, 0).unwrap(), Claim::Completed);
    assert_eq!(
        format!("{clone:?}"),
        "MemoryStore { capacity: 10, records: 1, forgotten: 0 }"
    );
}

#[test]
fn a_capacity_of_zero_is_refused() {
    let error = MemoryStore::with_capacity(0).unwrap_err();
    assert!(matches!(error, ConfigError::Zero { .. }), "{error}");
    assert_eq!(MemoryStore::default().capacity(), 100_000);
    assert_eq!(MemoryStore::with_capacity(7).unwrap().capacity(), 7);
}

/// The only test in real time. It waits for the event, not for the time.
#[test]
fn without_a_clock_of_its_own_time_is_real() {
    let store = MemoryStore::default();
    let terms = Terms {
        lease: Duration::from_millis(20),
        retention: Duration::from_secs(3600),
    };
    let began = Instant::now();
    assert_eq!(now(store.claim(id(0), owner(1), terms)).unwrap(), FIRST);
    loop {
        match now(store.claim(id(0), owner(2), terms)).unwrap() {
            Claim::InProgress { remaining } => {
                assert!(remaining <= terms.lease);
                thread::sleep(remaining);
            }
            other => {
                assert_eq!(other, SECOND);
                break;
            }
        }
    }
    assert!(began.elapsed() >= terms.lease);
}

/// Threads compete for each delivery; handlers fail one time in three.
#[test]
fn threads_handle_each_delivery_once_and_never_two_at_once() {
    const DELIVERIES: u32 = 500;
    let store = MemoryStore::default();
    let busy: Vec<AtomicBool> = (0..DELIVERIES).map(|_| AtomicBool::new(false)).collect();
    let handled: Vec<AtomicU64> = (0..DELIVERIES).map(|_| AtomicU64::new(0)).collect();
    let tries = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for number in 0..DELIVERIES {
                    let token = LeaseToken::random().unwrap();
                    let index = number as usize;
                    loop {
                        match now(store.claim(id(number), token, TERMS)).unwrap() {
                            Claim::Completed => break,
                            Claim::InProgress { .. } => thread::yield_now(),
                            Claim::Acquired { .. } => {
                                assert!(!busy[index].swap(true, Ordering::SeqCst));
                                thread::yield_now();
                                let fails = tries.fetch_add(1, Ordering::SeqCst).is_multiple_of(3);
                                assert!(busy[index].swap(false, Ordering::SeqCst));
                                let held = if fails {
                                    now(store.release(id(number), token, TERMS))
                                } else {
                                    handled[index].fetch_add(1, Ordering::SeqCst);
                                    now(store.complete(id(number), token, TERMS))
                                };
                                assert_eq!(held.unwrap(), Ownership::Held);
                            }
                        }
                    }
                }
            });
        }
    });
    assert!(
        handled
            .iter()
            .all(|count| count.load(Ordering::SeqCst) == 1)
    );
    assert!(tries.load(Ordering::SeqCst) > u64::from(DELIVERIES));
}

#[test]
fn forgetting_is_logged_at_the_first_and_at_each_doubling() {
    let (store, _) = store(1);
    tracing::subscriber::with_default(Log, || {
        for number in 0..100 {
            complete(&store, number);
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
