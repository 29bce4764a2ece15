//! What remembering a delivery costs inside of one process.

use futures_util::FutureExt as _;
use nano_webhook_bench_shared::{TERMS, handle, id};
use nano_webhook_core::dedupe::{BodyDigest, DedupeStore as _, MemoryStore, OwnerToken};

use crate::rounds::Case;

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
    let token = Case::new(group, "a random owner token", || {
        OwnerToken::random().expect("the system has random numbers")
    });
    vec![
        Case::new(group, "claim and complete", move || {
            next += 1;
            handle(&store, id(next));
        }),
        Case::new(group, "claim of a completed delivery", move || {
            let owner = OwnerToken::from_bytes([1; 16]);
            replayed
                .claim(id(0), BodyDigest::default(), owner, TERMS)
                .now_or_never()
        }),
        token,
    ]
}
