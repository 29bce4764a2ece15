use std::time::Duration;

use futures_util::FutureExt as _;
use nano_webhook_core::dedupe::{
    BodyDigest, DedupeStore as _, DeliveryId, ManualClock, MemoryStore, OwnerToken, Terms,
};

use crate::model::Model;

/// One call of five in random order, of three owners, for three deliveries.
#[test]
fn the_memory_store_answers_as_the_model_does() {
    let clock = ManualClock::default();
    let store = MemoryStore::with_clock(100, &clock).unwrap();
    let mut model = Model::default();
    let (lease, retention) = (Duration::from_secs(3), Duration::from_secs(9));
    let terms = Terms { lease, retention };
    let mut random = 1_u64;
    let mut below = |end: u64| {
        random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        ((random >> 33) % end) as u8
    };
    for step in 0..100_000 {
        let id = DeliveryId::from_bytes([below(3); 32]);
        let owner = OwnerToken::from_bytes([below(3); 16]);
        let body = BodyDigest::from_bytes([below(2); 16]);
        macro_rules! same {
            ($call:ident, $($argument:expr),+) => {{
                let answer = store.$call($($argument),+).now_or_never();
                let answer = answer.expect("it answers at once").unwrap();
                assert_eq!(answer, model.$call($($argument),+), "step {step}");
            }};
        }
        match below(5) {
            0 => same!(claim, id, body, owner, terms),
            1 => same!(renew, id, owner, terms),
            2 => same!(complete, id, owner, terms),
            3 => same!(release, id, owner, terms),
            _ => {
                let time = Duration::from_secs([0, 1, 1, 2, 3, 9][usize::from(below(6))]);
                clock.advance(time);
                model.now += time;
            }
        }
    }
}
