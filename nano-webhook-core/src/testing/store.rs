//! A test suite for implementations of [`DedupeStore`].

mod answer;
mod contention;
mod conversations;

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use self::answer::{Answer, body};
use self::conversations::{CONVERSATIONS, Line, What};
use crate::dedupe::{DedupeStore, DeliveryId, OwnerToken, StoreError, Terms};

/// Tests each cell of the contract's table, each deadline and concurrent calls.
///
/// `unit` scales time: leases last 1.4 or 3.4 units and retentions 2.3 or 5.3.
/// All conversations with the store run at the same time, and the suite takes 11
/// units. `sleep` lets time pass for the store: `tokio::time::sleep`, or a
/// function that moves the store's own clock. In real time, a fifth of a unit
/// must be longer than the store takes for 60 concurrent calls on a loaded
/// machine: half a second is enough for most.
///
/// Ids and owners are random, so a shared store need not be empty. The suite
/// keeps up to 60 records.
///
/// ```
/// use std::time::Duration;
/// use nano_webhook_core::dedupe::{ManualClock, MemoryStore};
/// use nano_webhook_core::testing::store;
///
/// # futures_util::future::FutureExt::now_or_never(async {
/// let clock = ManualClock::default();
/// let memory = MemoryStore::with_clock(1_000, &clock)?;
/// let sleep = async |time| clock.advance(time);
/// store::acceptance(&memory, Duration::from_secs(60), sleep).await;
/// # Ok::<(), nano_webhook_core::ConfigError>(())
/// # }).unwrap().unwrap();
/// ```
///
/// # Panics
/// If the store breaks the contract or answers with an error. The message names
/// the conversation and the call.
pub async fn acceptance(store: &dyn DedupeStore, unit: Duration, sleep: impl AsyncFn(Duration)) {
    let owners = random();
    let trials: Vec<_> = (CONVERSATIONS.iter())
        .map(|(name, lines)| (new_id(), name, lines))
        .collect();
    let ticks = (CONVERSATIONS.iter()).flat_map(|(_, lines)| lines.iter().map(|line| line.0));
    let last: u32 = ticks.max().unwrap_or_default();
    let began = Instant::now();
    for tick in 0..=last {
        if let Some(before) = tick.checked_sub(1) {
            // In real time, the calls have taken a part of the unit.
            let late = began.elapsed().saturating_sub(unit.saturating_mul(before));
            sleep(unit.saturating_sub(late)).await;
        }
        join_all(trials.iter().map(async |(id, name, lines)| {
            for line in lines.iter().filter(|line| line.0 == tick) {
                let answer = make(store, unit, *id, owners, *line).await;
                let right = (answer.as_ref()).is_ok_and(|answer| line.3.admits(*answer));
                assert!(right, "{name}: {line:?}: the store answered {answer:?}");
            }
        }))
        .await;
    }
    contention::run(store, unit, sleep).await;
}

async fn make(
    store: &dyn DedupeStore,
    unit: Duration,
    id: DeliveryId,
    owners: [u8; 16],
    (_, letter, (what, terms), _): Line,
) -> Result<Answer, StoreError> {
    let [lease, retention] = terms.map(|tenths| unit.saturating_mul(tenths) / 10);
    let terms = Terms { lease, retention };
    // The same owners in all conversations: an owner may hold several leases.
    let owner = owner(owners, letter);
    match what {
        What::Claim => {
            (store.claim(id, body(letter), owner, terms).await).map(|claim| Answer::of(claim, unit))
        }
        What::Renew => store.renew(id, owner, terms).await.map(Answer::from),
        What::Complete => store.complete(id, owner, terms).await.map(Answer::from),
        What::Release => store.release(id, owner, terms).await.map(Answer::from),
    }
}

fn owner(mut random: [u8; 16], letter: char) -> OwnerToken {
    let [first, ..] = &mut random;
    *first = letter as u8;
    OwnerToken::from_bytes(random)
}

fn new_id() -> DeliveryId {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&[random(), random()].concat());
    DeliveryId::from_bytes(bytes)
}

#[expect(clippy::expect_used)]
fn random() -> [u8; 16] {
    *OwnerToken::random()
        .expect("the system has random bytes")
        .as_bytes()
}
