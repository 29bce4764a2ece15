use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::store::Owned;
use super::{
    BodyDigest, Claim, DedupeStore, DeliveryId, OwnerToken, StoreError, StoreFuture, Terms,
};
use crate::error::ConfigError;
use crate::metrics;

mod clock;
mod completions;
mod records;

#[cfg(feature = "test-util")]
pub use clock::ManualClock;
#[cfg(feature = "test-util")]
use clock::nanos;
use clock::{Clock, monotonic};
use records::Records;

/// A [`DedupeStore`] in the memory of one process.
///
/// Clones share their records. Processes share nothing, and records end with the
/// process: several replicas behind a load balancer need a shared store.
///
/// # Capacity
///
/// The store holds at most [`capacity`](Self::capacity) records, by default
/// [100 000](Self::DEFAULT_CAPACITY). A completed delivery takes 97 to 138 bytes, so
/// that is about 10 MB, allocated as records come, and kept. Choose a capacity above
/// the number of deliveries in one retention time, which is 72 hours by default.
///
/// In a full store, a new delivery takes the place of one whose lease was released or
/// has run out: its attempts begin at 1 again, and its owner can no longer complete it.
/// Otherwise it takes the place of the oldest completion. A replay of that delivery is
/// handled again, so these are counted in [`forgotten`](Self::forgotten) and logged as
/// a warning, the first time and at each doubling. A running lease is never dropped: if
/// all records are running leases, the claim is an error, and the sender is told to
/// retry.
///
/// Time is [`std::time::Instant`]'s: changes of the system clock have no effect.
#[derive(Clone)]
pub struct MemoryStore(Arc<Mutex<Records>>);

impl MemoryStore {
    /// 100 000 records.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// A store for at most this many records.
    ///
    /// # Errors
    /// [`ConfigError::Zero`] if the capacity is zero.
    pub fn with_capacity(capacity: usize) -> Result<Self, ConfigError> {
        Ok(Self::new(checked(capacity)?, monotonic()))
    }

    /// A store on a clock that a test moves.
    ///
    /// # Errors
    /// [`ConfigError::Zero`] if the capacity is zero.
    #[cfg(feature = "test-util")]
    pub fn with_clock(capacity: usize, clock: &ManualClock) -> Result<Self, ConfigError> {
        let clock = clock.clone();
        let now = move || nanos(clock.elapsed());
        Ok(Self::new(checked(capacity)?, Box::new(now)))
    }

    fn new(capacity: usize, clock: Clock) -> Self {
        Self(Arc::new(Mutex::new(Records::new(capacity, clock))))
    }

    /// How many records the store can hold.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.lock().capacity
    }

    /// How many records the store holds, including those that have expired and
    /// that no claim has dropped yet.
    #[must_use]
    pub fn records(&self) -> usize {
        self.lock().len()
    }

    /// How many completions were dropped before their time to make room. A replay
    /// of those is handled again: raise the capacity.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.lock().forgotten
    }

    /// A panic leaves the records consistent, so poisoning is ignored.
    fn lock(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn checked(capacity: usize) -> Result<usize, ConfigError> {
    let zero = ConfigError::Zero("the capacity of the memory store");
    (capacity > 0).then_some(capacity).ok_or(zero)
}

impl Default for MemoryStore {
    /// A store of the [default capacity](Self::DEFAULT_CAPACITY).
    fn default() -> Self {
        Self::new(Self::DEFAULT_CAPACITY, monotonic())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = self.lock();
        f.debug_struct("MemoryStore")
            .field("capacity", &records.capacity)
            .field("records", &records.len())
            .field("forgotten", &records.forgotten)
            .finish()
    }
}

impl DedupeStore for MemoryStore {
    fn claim(
        &self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Claim> {
        Box::pin(async move {
            let mut records = self.lock();
            let before = records.forgotten;
            let claim = records.claim(id, body, owner, terms);
            let (forgotten, capacity) = (records.forgotten, records.capacity);
            drop(records);
            metrics::forgot(forgotten.saturating_sub(before));
            if forgotten > before && forgotten.is_power_of_two() {
                tracing::warn!(
                    forgotten,
                    capacity,
                    "the memory store is full and forgets completed deliveries; a replay of those would be handled again: raise its capacity, shorten the retention, or use a shared store"
                );
            }
            claim.map_err(StoreError::new)
        })
    }

    fn renew(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Owned<'_> {
        Box::pin(async move { Ok(self.lock().renew(id, owner, terms)) })
    }

    fn complete(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Owned<'_> {
        Box::pin(async move { Ok(self.lock().complete(id, owner, terms)) })
    }

    fn release(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Owned<'_> {
        Box::pin(async move { Ok(self.lock().release(id, owner, terms)) })
    }
}
