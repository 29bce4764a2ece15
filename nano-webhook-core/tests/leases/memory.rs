//! What the memory store answers is what the model answers.

use std::time::Duration;

use futures_util::FutureExt as _;
use nano_webhook_core::dedupe::{
    BodyDigest, DedupeStore as _, DeliveryId, ManualClock, MemoryStore, OwnerToken, Terms,
};

use crate::model::Model;

const STEPS: usize = 100_000;

#[test]
fn the_memory_store_follows_the_model() {
    let terms = Terms {
        lease: Duration::from_secs(3),
        retention: Duration::from_secs(9),
    };
    let clock = ManualClock::default();
    let (store, mut model) = (
        MemoryStore::with_clock(100, &clock).unwrap(),
        Model::default(),
    );
    let mut random = 1_u64;
    let mut below = |end: u64| {
        random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        ((random >> 33) % end) as u8
    };
    let mut seen = std::collections::BTreeMap::<_, u32>::new();
    for step in 0..STEPS {
        let id = DeliveryId::from_bytes([below(3); 32]);
        let owner = OwnerToken::from_bytes([below(3); 16]);
        let body = BodyDigest::from_bytes([below(2); 16]);
        let call = below(5);
        let (said, expected) = match call {
            0 => (
                format!(
                    "{:?}",
                    store.claim(id, body, owner, terms).now_or_never().unwrap()
                ),
                format!("{:?}", Ok::<_, ()>(model.claim(id, body, owner, terms))),
            ),
            1..4 => {
                let (said, expected) = match call {
                    1 => (store.renew(id, owner, terms), model.renew(id, owner, terms)),
                    2 => (
                        store.complete(id, owner, terms),
                        model.complete(id, owner, terms),
                    ),
                    _ => (
                        store.release(id, owner, terms),
                        model.release(id, owner, terms),
                    ),
                };
                let said = said.now_or_never().unwrap();
                (format!("{said:?}"), format!("{:?}", Ok::<_, ()>(expected)))
            }
            _ => {
                let time = Duration::from_secs([0, 1, 1, 2, 3, 9][usize::from(below(6))]);
                clock.advance(time);
                model.now += time;
                continue;
            }
        };
        assert_eq!(said, expected, "step {step}: call {call}");
        let kind: String = expected
            .chars()
            .take_while(|byte| !byte.is_ascii_digit())
            .collect();
        *seen.entry((call, kind)).or_default() += 1;
    }
    println!("{STEPS} steps: {seen:?}");
}
