use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use crate::dedupe::{BodyDigest, DeliveryId, OwnerToken};

/// Completed deliveries in their order, removed at the front only, and found by id.
#[derive(Default)]
pub(super) struct Completions {
    queue: VecDeque<Completion>,
    /// The number of the completion at the front; numbers wrap.
    first: u32,
    /// Half an id (it is a hash) to the number of its latest completion.
    numbers: Map<[u8; 16], u32>,
}

pub(super) struct Completion {
    pub(super) id: DeliveryId,
    pub(super) owner: OwnerToken,
    pub(super) body: BodyDigest,
    pub(super) forget_at: u64,
}

impl Completions {
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn get(&self, now: u64, id: DeliveryId) -> Option<&Completion> {
        let number = self.numbers.get(&half(id))?;
        let found = self.queue.get(number.wrapping_sub(self.first) as usize);
        found.filter(|found| found.id == id && found.forget_at > now)
    }

    /// Adds a completion. Of a delivery that was handled again, the latest counts.
    pub(super) fn push(&mut self, completion: Completion, capacity: usize) {
        let len = self.queue.len();
        let number = self.first.wrapping_add(len as u32);
        self.numbers.insert(half(completion.id), number);
        // Growing by a quarter wastes less space than doubling.
        if len == self.queue.capacity() {
            let left = capacity.saturating_sub(len);
            self.queue.reserve_exact((len / 4).max(16).min(left));
        }
        self.queue.push_back(completion);
    }

    pub(super) fn oldest_is_over(&self, now: u64) -> bool {
        (self.queue.front()).is_some_and(|oldest| oldest.forget_at <= now)
    }

    pub(super) fn pop(&mut self) -> Option<Completion> {
        let oldest = self.queue.pop_front()?;
        let half = half(oldest.id);
        if self.numbers.get(&half) == Some(&self.first) {
            self.numbers.remove(&half);
        }
        self.first = self.first.wrapping_add(1);
        Some(oldest)
    }
}

fn half(id: DeliveryId) -> [u8; 16] {
    id.as_bytes().first_chunk().copied().unwrap_or_default()
}

pub(super) type Map<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;

/// An id is a SHA-256 hash, so its first 8 bytes serve as one.
#[derive(Default)]
pub(super) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
