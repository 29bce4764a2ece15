use std::time::Duration;

use futures_util::future::join_all;

use super::answer::Answer;
use super::conversations::{CLAIM, COMPLETE, Call, RELEASE};
use super::{make, new_id, random};
use crate::dedupe::DedupeStore;

const IN_PROGRESS: Answer = Answer::InProgress(14);

/// Calls of 32 owners at a time: the units to wait before, the first owner, the
/// call, the answer to exactly one of them, and the answer to the others.
const ROUNDS: &[(u32, u8, Call, Answer, Answer)] = &[
    (0, b'A', CLAIM, Answer::Acquired(1), IN_PROGRESS),
    (0, b'A', RELEASE, Answer::Held, Answer::Lost),
    (0, b'A', CLAIM, Answer::Acquired(2), IN_PROGRESS),
    (2, b'a', CLAIM, Answer::TakenOver(3), IN_PROGRESS),
    (0, b'a', COMPLETE, Answer::Held, Answer::Lost),
];

/// Of any number of concurrent calls, exactly one succeeds.
pub(super) async fn run(store: &dyn DedupeStore, unit: Duration, sleep: impl AsyncFn(Duration)) {
    let (id, owners) = (new_id(), random());
    for round in ROUNDS {
        let (units, first, call, one, others) = *round;
        if units > 0 {
            sleep(unit.saturating_mul(units)).await;
        }
        let calls = (first..first.saturating_add(32))
            .map(|letter| make(store, unit, id, owners, (0, letter, call, one)));
        let mut successes = 0;
        for answer in join_all(calls).await {
            let right = (answer.as_ref()).is_ok_and(|it| one.admits(*it) || others.admits(*it));
            assert!(right, "concurrent {round:?}: the store answered {answer:?}");
            successes += usize::from(answer.is_ok_and(|answer| one.admits(answer)));
        }
        assert_eq!(successes, 1, "concurrent {round:?}");
    }
}
