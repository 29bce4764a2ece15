use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What all parts of a store share: how many records there may be.
pub(super) struct Room {
    capacity: usize,
    taken: AtomicUsize,
    forgotten: AtomicU64,
}

impl Room {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            taken: AtomicUsize::new(0),
            forgotten: AtomicU64::new(0),
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Relaxed)
    }

    /// A place for one more record, if there is one.
    pub(super) fn take(&self) -> bool {
        self.taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
                (taken < self.capacity).then_some(taken.saturating_add(1))
            })
            .is_ok()
    }

    pub(super) fn give_back(&self) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts a completion that was forgotten before its time; how many there
    /// are by now.
    pub(super) fn count_forgotten(&self) -> u64 {
        let before = self.forgotten.fetch_add(1, Ordering::Relaxed);
        before.saturating_add(1)
    }
}
