//! What remembering a million deliveries costs inside of one process.

use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use nano_webhook_core::dedupe::{DedupeStore, DeliveryId, LeaseToken, MemoryStore, Terms};

const TERMS: Terms = Terms {
    lease: Duration::from_secs(30),
    retention: Duration::from_secs(72 * 3600),
};

fn main() {
    println!(
        "{:>12} {:>14} {:>12} {:>10}",
        "remembered", "bytes", "bytes each", "ns each"
    );
    for records in [1_000, 10_000, 100_000, 1_000_000] {
        let mut kept = None;
        let counted = allocation_counter::measure(|| {
            let store = MemoryStore::with_capacity(records).expect("not zero");
            for number in 0..records as u64 {
                handle(&store, id(number));
            }
            kept = Some(store);
        });
        let store = kept.expect("it was filled");
        assert_eq!(store.records(), records);
        let bytes = counted.bytes_current;
        println!(
            "{records:>12} {bytes:>14} {:>12.0} {:>10.0}",
            bytes as f64 / records as f64,
            nanos_when_full(&store, records as u64)
        );
    }
}

/// A claim and a completion in the full store, which forgets the oldest for each:
/// the best of ten turns.
fn nanos_when_full(store: &MemoryStore, records: u64) -> f64 {
    const DELIVERIES: u64 = 20_000;
    (0..10)
        .map(|turn| {
            let from = records + turn * DELIVERIES;
            let began = Instant::now();
            for number in from..from + DELIVERIES {
                handle(store, id(number));
            }
            began.elapsed().as_nanos() as f64 / DELIVERIES as f64
        })
        .fold(f64::INFINITY, f64::min)
}

fn handle(store: &MemoryStore, id: DeliveryId) {
    let owner = LeaseToken::from_bytes([1; 16]);
    let claim = store.claim(id, owner, TERMS).now_or_never();
    assert!(matches!(claim, Some(Ok(_))));
    let complete = store.complete(id, owner, TERMS).now_or_never();
    assert!(matches!(complete, Some(Ok(_))));
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
