//! What `MemoryStore` costs in memory, at each fill level. Its documentation
//! quotes the figures that
//!
//! ```text
//! cargo test --release --all-features --test dedupe_memory_cost -- --nocapture
//! ```
//!
//! prints. The times are only printed: a machine's load is not a fault.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use nano_webhook_core::dedupe::{
    Claim, DedupeStore, DeliveryId, LeaseToken, MemoryStore, Ownership, Terms,
};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const TERMS: Terms = Terms {
    lease: Duration::from_secs(30),
    retention: Duration::from_secs(72 * 3600),
};

/// The bounds that the documentation states, in bytes a record. A hash table
/// doubles, so the cost of one depends on how full the table is.
const LEAST: f64 = 170.0;
const MOST: f64 = 280.0;
const FULL: f64 = 200.0;

// One test: another thread's allocations would be counted too.
#[test]
fn a_record_costs_what_the_documentation_says() {
    let before = ALLOCATOR.current_usage();
    let store = MemoryStore::default();
    let mut costs = Vec::new();
    for number in 0..100_000_u32 {
        let id = id(number);
        let owner = LeaseToken::random().unwrap();
        let claim = store.claim(id, owner, TERMS).now_or_never().unwrap();
        assert_eq!(claim.unwrap(), Claim::Acquired { attempt: 1 });
        let held = store.complete(id, owner, TERMS).now_or_never().unwrap();
        assert_eq!(held.unwrap(), Ownership::Held);
        let records = number + 1;
        if records >= 1_000 {
            let bytes = ALLOCATOR.current_usage() - before;
            costs.push(bytes as f64 / f64::from(records));
        }
    }
    let least = costs.iter().copied().fold(f64::INFINITY, f64::min);
    let most = costs.iter().copied().fold(0.0, f64::max);
    let mean = costs.iter().sum::<f64>() / costs.len() as f64;
    let full = costs.last().unwrap();
    println!("bytes a record: {least:.0} to {most:.0}, {mean:.0} on average, {full:.0} at 100 000");
    assert!(
        (LEAST..=MOST).contains(&least) && (LEAST..=MOST).contains(&most),
        "{least} to {most}"
    );
    assert!(*full <= FULL, "{full}");

    // Full: each delivery costs the oldest completion.
    let began = Instant::now();
    for number in 100_000..200_000 {
        let owner = LeaseToken::from_bytes([1; 16]);
        let claim = store
            .claim(id(number), owner, TERMS)
            .now_or_never()
            .unwrap();
        assert_eq!(claim.unwrap(), Claim::Acquired { attempt: 1 });
        let held = store.complete(id(number), owner, TERMS).now_or_never();
        assert_eq!(held.unwrap().unwrap(), Ownership::Held);
    }
    println!(
        "{:.0} ns for a claim and a completion in a full store",
        began.elapsed().as_nanos() as f64 / 100_000.0
    );
    assert_eq!(store.forgotten(), 100_000);
}

/// As evenly spread as a hash.
fn id(number: u32) -> DeliveryId {
    let mut bytes = [0; 32];
    for (index, chunk) in bytes.chunks_mut(8).enumerate() {
        let seed = (u64::from(number) << 8) + index as u64 + 1;
        let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        chunk.copy_from_slice(&(mixed ^ (mixed >> 32)).to_le_bytes());
    }
    DeliveryId::from_bytes(bytes)
}
