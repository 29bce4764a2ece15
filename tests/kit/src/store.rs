use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, ManualClock, MemoryStore, OwnerToken, Ownership,
    StoreError, StoreFuture, Terms,
};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::http::PATIENCE;

/// A store in memory on a clock that a row moves. It counts what it is asked,
/// and can be made to fail, or to keep its answer to itself for a while.
#[derive(Clone)]
pub struct TestStore {
    memory: MemoryStore,
    clock: ManualClock,
    seen: Arc<watch::Sender<Seen>>,
}

/// What a store is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names of the trait's methods")]
pub enum StoreCall {
    Claim,
    Renew,
    Complete,
    Release,
}

#[derive(Default)]
struct Seen {
    asked: HashMap<StoreCall, usize>,
    answered: HashMap<StoreCall, usize>,
    fails: Vec<StoreCall>,
    holds: Vec<StoreCall>,
}

impl Default for TestStore {
    fn default() -> Self {
        Self::new()
    }
}

impl TestStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        let clock = ManualClock::default();
        Self {
            memory: MemoryStore::with_clock(1000, &clock).unwrap(),
            clock,
            seen: Arc::default(),
        }
    }

    /// Lets time pass for leases and completions.
    pub fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// From now on, these calls fail, and have no effect.
    pub fn fail(&self, calls: &[StoreCall]) {
        self.seen.send_modify(|seen| seen.fails = calls.to_vec());
    }

    /// From now on, these calls have their effect, but are not answered.
    pub fn hold(&self, calls: &[StoreCall]) {
        self.seen.send_modify(|seen| seen.holds = calls.to_vec());
    }

    /// How many times it was asked to do anything.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.seen.borrow().asked.values().sum()
    }

    /// How many times it was asked to do this.
    #[must_use]
    pub fn asked(&self, call: StoreCall) -> usize {
        count_of(&self.seen.borrow().asked, call)
    }

    /// Waits until it was asked this for the `count`th time.
    ///
    /// # Errors
    /// If it is not.
    pub async fn until_asked(&self, call: StoreCall, count: usize) -> Result<(), String> {
        self.until(|seen| count_of(&seen.asked, call) >= count)
            .await
            .map_err(|()| format!("the store was not asked {count} times to {call:?}"))
    }

    /// Waits until it has answered this for the `count`th time.
    ///
    /// # Errors
    /// If it does not.
    pub async fn until_answered(&self, call: StoreCall, count: usize) -> Result<(), String> {
        self.until(|seen| count_of(&seen.answered, call) >= count)
            .await
            .map_err(|()| format!("the store has not answered {count} times to {call:?}"))
    }

    async fn until(&self, reached: impl FnMut(&Seen) -> bool) -> Result<(), ()> {
        let mut seen = self.seen.subscribe();
        match timeout(PATIENCE, seen.wait_for(reached)).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(()),
        }
    }

    async fn answer<T>(
        &self,
        call: StoreCall,
        effect: StoreFuture<'_, T>,
    ) -> Result<T, StoreError> {
        let mut fails = false;
        self.seen.send_modify(|seen| {
            *seen.asked.entry(call).or_default() += 1;
            fails = seen.fails.contains(&call);
        });
        let answer = match fails {
            true => Err(StoreError::new("the store is away")),
            false => effect.await,
        };
        let mut seen = self.seen.subscribe();
        // The sender lives in `self`.
        let _ = seen.wait_for(|seen| !seen.holds.contains(&call)).await;
        self.seen
            .send_modify(|seen| *seen.answered.entry(call).or_default() += 1);
        answer
    }
}

fn count_of(counts: &HashMap<StoreCall, usize>, call: StoreCall) -> usize {
    counts.get(&call).copied().unwrap_or_default()
}

impl DedupeStore for TestStore {
    fn claim(
        &self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Claim> {
        Box::pin(self.answer(StoreCall::Claim, self.memory.claim(id, body, owner, terms)))
    }

    fn renew(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> StoreFuture<'_, Ownership> {
        Box::pin(self.answer(StoreCall::Renew, self.memory.renew(id, owner, terms)))
    }

    fn complete(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership> {
        Box::pin(self.answer(StoreCall::Complete, self.memory.complete(id, owner, terms)))
    }

    fn release(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership> {
        Box::pin(self.answer(StoreCall::Release, self.memory.release(id, owner, terms)))
    }
}
