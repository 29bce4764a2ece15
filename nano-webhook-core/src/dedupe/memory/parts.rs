use std::sync::{Mutex, MutexGuard, PoisonError};

use super::records::Records;
use crate::dedupe::DeliveryId;

/// The records in parts, each behind a lock of its own, so that threads seldom
/// wait for each other. An identity belongs to one part.
pub(super) struct Parts {
    first: Mutex<Records>,
    rest: Box<[Mutex<Records>]>,
}

impl Parts {
    /// More than a machine has threads that claim at the same moment.
    const MOST: usize = 16;

    /// A part forgets its own oldest completion. With a thousand in each, that is
    /// nearly the oldest of all.
    const LEAST_RECORDS: usize = 1024;

    pub(super) fn for_capacity(capacity: usize) -> Self {
        let parts = (capacity / Self::LEAST_RECORDS).clamp(1, Self::MOST);
        Self {
            first: Mutex::default(),
            rest: (1..parts).map(|_| Mutex::default()).collect(),
        }
    }

    /// The part of this identity. It is a hash, so any of its bytes will do.
    pub(super) fn of(&self, id: DeliveryId) -> MutexGuard<'_, Records> {
        let [byte, ..] = *id.as_bytes();
        let choice = usize::from(byte) % self.rest.len().saturating_add(1);
        lock(self.rest.get(choice).unwrap_or(&self.first))
    }

    /// All of them, one after the other.
    pub(super) fn all(&self) -> impl Iterator<Item = MutexGuard<'_, Records>> {
        std::iter::once(&self.first).chain(&self.rest).map(lock)
    }
}

/// The state is whole at every step, so a panic elsewhere cannot spoil it.
fn lock(part: &Mutex<Records>) -> MutexGuard<'_, Records> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}
