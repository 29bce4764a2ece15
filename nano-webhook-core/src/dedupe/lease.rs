use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::waiters::Waiters;
use super::{DeliveryId, OwnerToken};

/// A handler's view of the lease that it works under. Adapters put it into the
/// request's extensions.
///
/// A lease is renewed while its handler lives. It is still lost when the
/// store does not answer for as long as the lease lasts, or when the handler
/// blocks its thread for that long. Another receiver may then handle the same
/// delivery: make effects harmless to repeat, fence them by
/// [`attempt`](Self::attempt), or complete the claim in the transaction of the
/// effect (`nano-webhook-sqlx`).
#[derive(Clone, Debug)]
pub struct LeaseHandle(Arc<State>);

#[derive(Debug)]
struct State {
    id: DeliveryId,
    owner: OwnerToken,
    attempt: u64,
    lost: AtomicBool,
    waiters: Waiters,
}

impl LeaseHandle {
    pub(super) fn new(id: DeliveryId, owner: OwnerToken, attempt: u64) -> Self {
        Self(Arc::new(State {
            id,
            owner,
            attempt,
            lost: AtomicBool::new(false),
            waiters: Waiters::default(),
        }))
    }

    /// The identity under which the delivery was claimed.
    #[must_use]
    pub fn delivery_id(&self) -> DeliveryId {
        self.0.id
    }

    /// The token that names this holder in the store, for a store that completes
    /// the claim inside the user's own transaction.
    #[must_use]
    pub fn owner(&self) -> OwnerToken {
        self.0.owner
    }

    /// Counts how often this delivery was claimed, from 1.
    ///
    /// It grows with each take-over, so it can serve as a **fencing token**: write
    /// it with each effect, and let the effect's store refuse a smaller one. It
    /// grows for as long as the store keeps the record: a memory store that is
    /// restarted and a Redis that comes back empty begin at 1 again.
    #[must_use]
    pub fn attempt(&self) -> u64 {
        self.0.attempt
    }

    /// Whether the lease is lost, or no longer known to be held.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.0.lost.load(Ordering::Acquire)
    }

    /// Resolves when the lease is lost; never while it is held. Select on it in a
    /// handler that should stop then.
    pub async fn cancelled(&self) {
        self.0.waiters.until(|| self.is_lost()).await;
    }

    /// Marks the lease as lost. `false` if it was already.
    pub(super) fn lose(&self) -> bool {
        let first = !self.0.lost.swap(true, Ordering::AcqRel);
        if first {
            self.0.waiters.wake();
        }
        first
    }
}
