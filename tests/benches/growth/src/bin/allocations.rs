//! Counts the heap allocations of one accepted delivery.
//!
//! What an accepted one needs: the strings that its event keeps, and the one place
//! that all clones of it share. The body is in one chunk, as it came from the
//! network; it is never copied.

use std::hint::black_box;

use nano_webhook_bench_shared::{COMPLETED, FAILED, UNKNOWN, completed, secret};
use nano_webhook_core::{Bytes, Delivery, Signer, UnixTime, Verifier};

const SPARSE: &str = r#"{"event":"job.completed","task_id":"task_xxx","data":{"url":"https://cdn.example.com/image.png"}}"#;
const TIME: UnixTime = UnixTime::from_secs(1_734_948_000);

fn main() {
    println!("{:>12} {:>12}", "allocations", "bytes");
    // Strings: task_id, url, timestamp.
    count("job.completed, 193 B", COMPLETED, 1, 4);
    count(
        "job.completed, 1 MiB",
        &String::from_utf8_lossy(&completed(1 << 20)),
        1,
        4,
    );
    // Strings: task_id, url.
    count("job.completed, no more than it must have", SPARSE, 1, 3);
    // Strings: task_id, timestamp, reason, code.
    count("job.failed, with a cause", FAILED, 1, 5);
    // Strings: event, task_id.
    count("an unknown event", UNKNOWN, 1, 3);
    // One buffer for the body, and what a frozen buffer shares.
    count("job.completed, in two chunks", COMPLETED, 2, 6);
}

fn count(name: &str, body: &str, chunks: usize, at_most: u64) {
    let verifier = (Verifier::builder(secret()).body_limit(2 << 20).build()).expect("fine");
    let signed = Signer::new(secret()).sign(TIME, body.as_bytes());
    let headers = signed.to_pairs();
    let chunks: Vec<Bytes> = (body.as_bytes().chunks(body.len().div_ceil(chunks)))
        .map(Bytes::copy_from_slice)
        .collect();
    let accept = || -> Delivery {
        let mut verification = verifier.begin(&headers, TIME).expect("the head is fine");
        for chunk in &chunks {
            verification
                .push(chunk.clone())
                .expect("it is small enough");
        }
        verification.finish().expect("it is signed")
    };
    // A clone of a chunk may pay once for being shared.
    accept();
    let counted = allocation_counter::measure(|| drop(black_box(accept())));
    println!(
        "{:>12} {:>12}  {name}",
        counted.count_total, counted.bytes_total
    );
    assert!(counted.count_total <= at_most, "{name}");
    let delivery = accept();
    let event = allocation_counter::measure(|| drop(black_box(delivery.event().clone())));
    println!(
        "{:>12} {:>12}    its event, cloned",
        event.count_total, event.bytes_total
    );
    if let [whole] = chunks.as_slice() {
        assert_eq!(accept().body().as_ptr(), whole.as_ptr(), "{name}: copied");
    }
}
