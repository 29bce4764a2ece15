use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, ManualClock, MemoryStore, OwnerToken, Ownership,
    StoreError, StoreFuture, Terms,
};
use tokio::sync::watch;
use tokio::time::timeout;

/// A store in memory on a clock that a row moves. It counts what it is asked,
/// and can be made to fail, or to keep its answer to itself for a while.
#[derive(Clone)]
pub(crate) struct TestStore {
    memory: MemoryStore,
    clock: ManualClock,
    state: Arc<watch::Sender<State>>,
    patience: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    Claim,
    Renew,
    Complete,
    Release,
}

#[derive(Default)]
struct State {
    asked: HashMap<Call, usize>,
    answered: HashMap<Call, usize>,
    fails: Vec<Call>,
    holds: Vec<Call>,
}

impl TestStore {
    pub(crate) fn new(patience: Duration) -> Self {
        let clock = ManualClock::default();
        Self {
            memory: MemoryStore::with_clock(1000, &clock).unwrap(),
            clock,
            state: Arc::default(),
            patience,
        }
    }

    /// Lets time pass for leases and completions.
    pub(crate) fn advance(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// From now on, these calls fail, and have no effect.
    pub(crate) fn fail(&self, calls: &[Call]) {
        self.state.send_modify(|state| state.fails = calls.to_vec());
    }

    /// From now on, these calls have their effect, but are not answered.
    pub(crate) fn hold(&self, calls: &[Call]) {
        self.state.send_modify(|state| state.holds = calls.to_vec());
    }

    /// How many times it was asked to do anything.
    pub(crate) fn calls(&self) -> usize {
        self.state.borrow().asked.values().sum()
    }

    /// How many times it was asked to do this.
    pub(crate) fn asked(&self, call: Call) -> usize {
        count_of(&self.state.borrow().asked, call)
    }

    /// Waits until it was asked this for the `count`th time.
    pub(crate) async fn until_asked(&self, call: Call, count: usize) -> Result<(), String> {
        self.until(|state| count_of(&state.asked, call) >= count)
            .await
            .map_err(|()| format!("the store was not asked {count} times to {call:?}"))
    }

    /// Waits until it has answered this for the `count`th time.
    pub(crate) async fn until_answered(&self, call: Call, count: usize) -> Result<(), String> {
        self.until(|state| count_of(&state.answered, call) >= count)
            .await
            .map_err(|()| format!("the store has not answered {count} times to {call:?}"))
    }

    async fn until(&self, reached: impl FnMut(&State) -> bool) -> Result<(), ()> {
        let mut state = self.state.subscribe();
        match timeout(self.patience, state.wait_for(reached)).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(()),
        }
    }

    async fn answer<T>(&self, call: Call, effect: StoreFuture<'_, T>) -> Result<T, StoreError> {
        let mut fails = false;
        self.state.send_modify(|state| {
            *state.asked.entry(call).or_default() += 1;
            fails = state.fails.contains(&call);
        });
        let answer = match fails {
            true => Err(StoreError::new("the store is away")),
            false => effect.await,
        };
        let mut state = self.state.subscribe();
        // The sender lives in `self`.
        let _ = state.wait_for(|state| !state.holds.contains(&call)).await;
        self.state
            .send_modify(|state| *state.answered.entry(call).or_default() += 1);
        answer
    }
}

fn count_of(counts: &HashMap<Call, usize>, call: Call) -> usize {
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
        Box::pin(self.answer(Call::Claim, self.memory.claim(id, body, owner, terms)))
    }

    fn renew(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> StoreFuture<'_, Ownership> {
        Box::pin(self.answer(Call::Renew, self.memory.renew(id, owner, terms)))
    }

    fn complete(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership> {
        Box::pin(self.answer(Call::Complete, self.memory.complete(id, owner, terms)))
    }

    fn release(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership> {
        Box::pin(self.answer(Call::Release, self.memory.release(id, owner, terms)))
    }
}
