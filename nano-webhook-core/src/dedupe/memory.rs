use std::fmt;
use std::future::ready;
use std::sync::Arc;

use super::{
    BodyDigest, Claim, DedupeStore, DeliveryId, OwnerToken, Ownership, StoreError, StoreFuture,
    Terms,
};
use crate::error::ConfigError;

mod clock;
mod moment;
mod parts;
mod record;
mod records;
mod room;

use clock::Clock;
#[cfg(feature = "test-util")]
pub use clock::ManualClock;
use moment::Moment;
use parts::Parts;
use records::{Full, Granted};
use room::Room;

/// A [`DedupeStore`] inside one process.
///
/// Clones share their records: make one store, and give a clone to each worker.
/// Two endpoints that are both to handle a delivery need two stores: on one, the second would see a duplicate.
/// Two processes share nothing, and nothing outlives the process; behind a load
/// balancer use a store that all replicas reach.
///
/// # Bounds
///
/// It holds at most [`capacity`](Self::capacity) records, by default
/// [100 000](Self::DEFAULT_CAPACITY). A record takes 176 to 273 bytes, depending
/// on how full its hash table is; a full store of the default capacity takes
/// 20 MB (measured with a counting allocator). Memory is taken as records come.
///
/// What has expired is dropped a little at a time, by the claims that come in;
/// there is no background task. A store that is full makes room for a new
/// delivery in this order:
///
/// 1. what has expired;
/// 2. a record of a delivery that was released, or whose lease ran out: its
///    attempts then begin at 1 again;
/// 3. the oldest completion (that is, the one that would expire first). A replay
///    of that delivery is then handled again, so these are counted in
///    [`forgotten`](Self::forgotten), and logged as a warning, at the first and
///    then at each doubling;
/// 4. never a lease that is running. If there is nothing else, the claim is an
///    error, and the sender is told to try again.
///
/// A store for 2048 records or more keeps them in parts (at most 16), each behind
/// a lock of its own; the order above then holds within the part of the new
/// delivery, and "oldest" means the oldest there. The capacity is that of the
/// whole.
///
/// So give it a capacity above the deliveries of one retention time, 72 hours
/// by default, or watch the warning.
///
/// # Time
///
/// It is measured with [`std::time::Instant`], so it does not follow changes of
/// the system's clock. On most systems it stands still while the machine sleeps.
///
/// ```
/// use nano_webhook_core::dedupe::{Dedupe, MemoryStore};
///
/// let store = MemoryStore::with_capacity(500_000)?;
/// let dedupe = Dedupe::new(store.clone());
/// assert_eq!(store.forgotten(), 0); // for a metric
/// # let _ = dedupe;
/// # Ok::<(), nano_webhook_core::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    room: Room,
    parts: Parts,
}

impl MemoryStore {
    /// 100 000 records.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// A store for at most this many records.
    ///
    /// # Errors
    /// [`ConfigError::Zero`] if it is zero.
    pub fn with_capacity(capacity: usize) -> Result<Self, ConfigError> {
        if capacity == 0 {
            return Err(ConfigError::Zero {
                setting: "the capacity of the memory store",
            });
        }
        Ok(Self::new(capacity, Clock::monotonic()))
    }

    /// A store whose time passes only when the clock is told so, for tests.
    ///
    /// # Errors
    /// [`ConfigError::Zero`] if the capacity is zero.
    #[cfg(feature = "test-util")]
    pub fn with_clock(capacity: usize, clock: &ManualClock) -> Result<Self, ConfigError> {
        Ok(Self::new(
            Self::with_capacity(capacity)?.capacity(),
            Clock::manual(clock),
        ))
    }

    fn new(capacity: usize, clock: Clock) -> Self {
        Self {
            shared: Arc::new(Shared {
                clock,
                room: Room::new(capacity),
                parts: Parts::for_capacity(capacity),
            }),
        }
    }

    /// How many records it can hold.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.shared.room.capacity()
    }

    /// How many records it holds, those included that have expired and were not
    /// dropped yet.
    #[must_use]
    pub fn records(&self) -> usize {
        self.shared.room.taken()
    }

    /// How many completions it had to forget before their time, to make room. A
    /// replay of those would be handled again: raise the capacity.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.shared.room.forgotten()
    }

    fn now(&self) -> Moment {
        self.shared.clock.now()
    }
}

impl Shared {
    /// A part in which every record is a lease that is running asks the others to
    /// make room.
    fn claim(
        &self,
        now: Moment,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> Result<Granted, Full> {
        let claim = || {
            self.parts
                .of(id)
                .claim(now, &self.room, id, body, owner, terms)
        };
        let full = match claim() {
            Err(full) => full,
            granted => return granted,
        };
        for mut part in self.parts.all() {
            let Ok(forgotten) = part.make_room(now, &self.room) else {
                continue;
            };
            drop(part);
            if let Ok(granted) = claim() {
                return Ok(Granted {
                    forgotten: granted.forgotten.or(forgotten),
                    ..granted
                });
            }
        }
        Err(full)
    }
}

impl Default for MemoryStore {
    /// A store of the [default capacity](Self::DEFAULT_CAPACITY).
    fn default() -> Self {
        Self::new(Self::DEFAULT_CAPACITY, Clock::monotonic())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("capacity", &self.capacity())
            .field("records", &self.records())
            .field("forgotten", &self.forgotten())
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
        let granted = self.shared.claim(self.now(), id, body, owner, terms);
        Box::pin(ready(granted.map_err(StoreError::new).map(
            |Granted { claim, forgotten }| {
                if let Some(count) = forgotten.filter(|count| count.is_power_of_two()) {
                    tracing::warn!(
                        forgotten = count,
                        capacity = self.capacity(),
                        "the memory store is full and forgets completed deliveries; a replay of those would be handled again: raise its capacity, shorten the retention, or use a shared store"
                    );
                }
                claim
            },
        )))
    }

    fn renew(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> StoreFuture<'_, Ownership> {
        let now = self.now();
        Box::pin(ready(Ok(self
            .shared
            .parts
            .of(id)
            .renew(now, id, owner, terms))))
    }

    fn complete(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership> {
        let now = self.now();
        Box::pin(ready(Ok(self
            .shared
            .parts
            .of(id)
            .complete(now, id, owner, terms))))
    }

    fn release(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership> {
        let now = self.now();
        Box::pin(ready(Ok(self
            .shared
            .parts
            .of(id)
            .release(now, id, owner, terms))))
    }
}
