use std::sync::Arc;
use std::time::Duration;

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, ManualClock, MemoryStore, OwnerToken, Ownership,
    StoreError, StoreFuture, Terms,
};
use tokio::sync::watch;

use crate::until;

/// A store in memory on a clock that a row moves. It counts what it is asked,
/// and can be made to fail, or to keep its answer to itself for a while.
#[derive(Clone)]
pub struct TestStore {
    memory: MemoryStore,
    clock: ManualClock,
    seen: Arc<watch::Sender<Seen>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreCall {
    Claim,
    Renew,
    Complete,
    Release,
}

#[derive(Debug, Default)]
struct Seen {
    /// How often, for each call.
    asked: [usize; 4],
    answered: [usize; 4],
    fails: Vec<StoreCall>,
    holds: Vec<StoreCall>,
}

impl Default for TestStore {
    fn default() -> Self {
        Self::new()
    }
}

impl TestStore {
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

    pub fn calls(&self) -> usize {
        self.seen.borrow().asked.iter().sum()
    }

    pub fn asked(&self, call: StoreCall) -> usize {
        self.seen.borrow().asked[call as usize]
    }

    /// Waits until it was asked this for the `count`th time.
    pub async fn until_asked(&self, call: StoreCall, count: usize) -> Result<(), String> {
        until(&self.seen, |seen| seen.asked[call as usize] >= count).await
    }

    pub async fn until_answered(&self, call: StoreCall, count: usize) -> Result<(), String> {
        until(&self.seen, |seen| seen.answered[call as usize] >= count).await
    }

    async fn answer<T>(
        &self,
        call: StoreCall,
        effect: StoreFuture<'_, T>,
    ) -> Result<T, StoreError> {
        let mut fails = false;
        self.seen.send_modify(|seen| {
            seen.asked[call as usize] += 1;
            fails = seen.fails.contains(&call);
        });
        let answer = match fails {
            true => Err(StoreError::new("the store is away")),
            false => effect.await,
        };
        let mut seen = self.seen.subscribe();
        // The sender lives in `self`.
        let _ = seen.wait_for(|seen| !seen.holds.contains(&call)).await;
        let answered = |seen: &mut Seen| seen.answered[call as usize] += 1;
        self.seen.send_modify(answered);
        answer
    }
}

type Owned<'a> = StoreFuture<'a, Ownership>;

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

    fn renew(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Owned<'_> {
        Box::pin(self.answer(StoreCall::Renew, self.memory.renew(id, owner, terms)))
    }

    fn complete(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Owned<'_> {
        Box::pin(self.answer(StoreCall::Complete, self.memory.complete(id, owner, terms)))
    }

    fn release(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Owned<'_> {
        Box::pin(self.answer(StoreCall::Release, self.memory.release(id, owner, terms)))
    }
}
