use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_channel::oneshot;
use futures_util::FutureExt as _;
use futures_util::future::{self, Shared};

use super::{DeliveryId, OwnerToken};

/// A handler's view of the lease that it works under. Adapters put it into the
/// request's extensions.
///
/// A lease is renewed while its handler lives. It is lost all the same when the
/// store cannot be reached for as long as the lease lasts, or when a handler
/// blocks its thread for that long. Somebody else may then be handling the same
/// delivery; what the late one still does should be harmless, or fenced by the
/// [`attempt`](Self::attempt).
#[derive(Clone)]
pub struct LeaseHandle(Arc<State>);

struct State {
    id: DeliveryId,
    owner: OwnerToken,
    attempt: u64,
    lost: AtomicBool,
    lost_signal: Shared<oneshot::Receiver<()>>,
}

impl LeaseHandle {
    pub(super) fn new(id: DeliveryId, owner: OwnerToken, attempt: u64) -> (Self, LossNotice) {
        let (sender, receiver) = oneshot::channel();
        let handle = Self(Arc::new(State {
            id,
            owner,
            attempt,
            lost: AtomicBool::new(false),
            lost_signal: receiver.shared(),
        }));
        let notice = LossNotice {
            handle: handle.clone(),
            sender: Some(sender),
        };
        (handle, notice)
    }

    /// The identity under which the delivery was claimed.
    #[must_use]
    pub fn delivery_id(&self) -> DeliveryId {
        self.0.id
    }

    /// The owner that the claim named. A store uses it to complete the delivery in
    /// the handler's own transaction.
    #[must_use]
    pub fn owner(&self) -> OwnerToken {
        self.0.owner
    }

    /// How many times this delivery has been taken, from 1.
    ///
    /// It grows with each take-over, so it can serve as a **fencing token**:
    /// write it beside each effect, and let the effect's store refuse a smaller
    /// one than it has seen. It grows for as long as the store keeps the record.
    /// A memory store that is restarted and a Redis that comes back empty begin
    /// at 1 again, so fence only with a store that outlives your processes.
    #[must_use]
    pub fn attempt(&self) -> u64 {
        self.0.attempt
    }

    /// Whether the lease is known, or must be feared, to be lost.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.0.lost.load(Ordering::Acquire)
    }

    /// Waits until the lease is lost; for as long as it is not, for ever. Select
    /// on it in a handler that should stop then.
    pub async fn lost(&self) {
        if self.0.lost_signal.clone().await.is_err() {
            future::pending::<()>().await;
        }
    }
}

impl fmt::Debug for LeaseHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaseHandle")
            .field("delivery_id", &self.0.id)
            .field("attempt", &self.0.attempt)
            .field("is_lost", &self.is_lost())
            .finish()
    }
}

/// The other end of a [`LeaseHandle`].
pub(super) struct LossNotice {
    handle: LeaseHandle,
    sender: Option<oneshot::Sender<()>>,
}

impl LossNotice {
    /// Tells the handler, once.
    pub(super) fn send(&mut self) {
        let Some(sender) = self.sender.take() else {
            return;
        };
        let State {
            id, attempt, lost, ..
        } = &*self.handle.0;
        lost.store(true, Ordering::Release);
        // Nobody waiting is fine.
        let _ = sender.send(());
        tracing::warn!(
            delivery_id = %id,
            attempt,
            "the lease of a delivery was lost while its handler runs; another receiver may handle it too"
        );
    }
}
