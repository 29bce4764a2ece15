//! `MemoryStore`: its time and its capacity. The example of `testing::store::acceptance`
//! runs the contract on it, and it is the store of `leases`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod capacity;

use std::future::Future;
use std::thread;
use std::time::Duration;

use futures_util::FutureExt as _;
use nano_webhook_core::ConfigError;
use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, ManualClock, MemoryStore, OwnerToken, Ownership,
    StoreError, Terms,
};

const NANOSECOND: Duration = Duration::from_nanos(1);
const SECOND: Duration = Duration::from_secs(1);
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

    // So are those of the owner's other calls.
    clock.advance(TERMS.lease + TERMS.retention - NANOSECOND);
    assert_eq!(renew(&store, 0, 1), Ownership::Held);
    clock.advance(TERMS.lease + TERMS.retention);
    assert_eq!(renew(&store, 0, 1), Ownership::Lost);

    // And where more has run out than one claim removes.
    for number in 0..10 {
        assert_eq!(claim(&store, number, 1).unwrap(), acquired(1));
    }
    clock.advance(TERMS.lease + TERMS.retention);
    assert_eq!(claim(&store, 9, 2).unwrap(), acquired(1));

    // A lease that has run out is a new attempt, also for its owner.
    clock.advance(TERMS.lease);
    assert_eq!(claim(&store, 9, 2).unwrap(), acquired(2));
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
