//! What remembering a delivery costs inside of one process.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use nano_webhook_core::dedupe::{
    Claim, DedupeStore, DeliveryId, LeaseToken, MemoryStore, Ownership, Terms,
};
use serde::Serialize;

use crate::rounds::{Case, processor_time};

const TERMS: Terms = Terms {
    lease: Duration::from_secs(30),
    retention: Duration::from_secs(72 * 3600),
};

/// A full store: every new delivery makes it forget the oldest one.
pub(crate) fn uncontended(group: &'static str) -> Vec<Case> {
    let store = MemoryStore::default();
    let mut next = 0;
    for _ in 0..store.capacity() {
        handle(&store, id(next));
        next += 1;
    }
    let replayed = MemoryStore::default();
    handle(&replayed, id(0));
    let token = Case::new(group, "a random lease token", || {
        LeaseToken::random().expect("the system has random numbers")
    });
    vec![
        Case::new(group, "claim and complete", move || {
            next += 1;
            handle(&store, id(next));
        }),
        Case::new(group, "claim of a completed delivery", move || {
            let owner = LeaseToken::from_bytes([1; 16]);
            replayed.claim(id(0), owner, TERMS).now_or_never()
        }),
        token,
    ]
}

#[derive(Serialize)]
pub(crate) struct Contention {
    pub(crate) threads: usize,
    /// Deliveries claimed and completed in a second, all threads together.
    pub(crate) per_second: f64,
    /// Processor time of one delivery.
    pub(crate) processor_nanos: f64,
}

/// One thread, then two, on one store: the best of five, in turns.
pub(crate) fn contention() -> Vec<Contention> {
    let mut best: Vec<Contention> = Vec::new();
    for _ in 0..5 {
        for (index, threads) in [1, 2].into_iter().enumerate() {
            let run = contend(threads);
            match best.get_mut(index) {
                None => best.push(run),
                Some(best) if best.per_second < run.per_second => *best = run,
                Some(_) => {}
            }
        }
    }
    best
}

fn contend(threads: usize) -> Contention {
    const DELIVERIES: u64 = 200_000;
    let store = MemoryStore::default();
    let barrier = Barrier::new(threads);
    let (took, processor) = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads as u64)
            .map(|worker| {
                let (store, barrier) = (store.clone(), &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let (start, processor) = (Instant::now(), processor_time());
                    for number in 0..DELIVERIES {
                        handle(&store, id(worker << 32 | number));
                    }
                    (start.elapsed(), processor_time() - processor)
                })
            })
            .collect();
        (workers.into_iter())
            .map(|worker| worker.join().expect("nothing panics"))
            .fold((Duration::ZERO, Duration::ZERO), |sum, next| {
                (sum.0.max(next.0), sum.1 + next.1)
            })
    });
    let deliveries = (DELIVERIES * threads as u64) as f64;
    Contention {
        threads,
        per_second: deliveries / took.as_secs_f64(),
        processor_nanos: processor.as_nanos() as f64 / deliveries,
    }
}

fn handle(store: &MemoryStore, id: DeliveryId) {
    let owner = LeaseToken::from_bytes([1; 16]);
    let claim = store.claim(id, owner, TERMS).now_or_never();
    assert!(matches!(claim, Some(Ok(Claim::Acquired { .. }))));
    let complete = store.complete(id, owner, TERMS).now_or_never();
    assert!(matches!(complete, Some(Ok(Ownership::Held))));
}

/// As evenly spread as a hash.
fn id(number: u64) -> DeliveryId {
    let mut bytes = [0; 32];
    for (index, chunk) in bytes.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let seed = (number << 3) + index as u64 + 1;
        let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        *chunk = (mixed ^ (mixed >> 32)).to_le_bytes();
    }
    DeliveryId::from_bytes(bytes)
}
