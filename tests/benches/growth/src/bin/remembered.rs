//! What remembering a million deliveries costs inside of one process.
//!
//! ```text
//! remembered [FILE]        with a file, the results as JSON
//! ```

use std::fs::File;
use std::io;
use std::time::Instant;

use nano_webhook_bench_shared::{handle, id};
use nano_webhook_core::dedupe::MemoryStore;
use serde_json::json;

fn main() -> io::Result<()> {
    println!("{:>12} {:>12} {:>10}", "remembered", "bytes each", "ns each");
    let mut results = Vec::new();
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
        let bytes = counted.bytes_current as f64 / records as f64;
        let nanos = nanos_when_full(&store, records as u64);
        println!("{records:>12} {bytes:>12.0} {nanos:>10.0}");
        results.push(json!({ "remembered": records, "bytes": bytes, "nanos": nanos }));
    }
    match std::env::args().nth(1) {
        Some(file) => Ok(serde_json::to_writer_pretty(File::create(file)?, &results)?),
        None => Ok(()),
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
