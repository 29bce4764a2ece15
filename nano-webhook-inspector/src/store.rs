use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use crate::record::Record;

/// Bodies and headers take so many bytes at most.
const ROOM: usize = 64 * 1024 * 1024;

/// The last deliveries. Each change of one has a number, so that a reader can ask for
/// what it has missed; no reader has a queue of its own.
pub(crate) struct Store {
    kept: Mutex<Kept>,
    /// The number of the last change.
    pub(crate) changed: watch::Sender<u64>,
    keep: usize,
}

#[derive(Default)]
struct Kept {
    /// By id: the number of its last change, and what it is.
    records: BTreeMap<u64, (u64, Arc<Record>)>,
    /// By number of the change.
    changes: BTreeMap<u64, u64>,
    weight: usize,
    last_id: u64,
}

impl Store {
    pub(crate) fn new(keep: usize) -> Self {
        Self {
            kept: Mutex::default(),
            changed: watch::Sender::new(0),
            keep,
        }
    }

    pub(crate) fn next_id(&self) -> u64 {
        let mut kept = self.lock();
        kept.last_id = kept.last_id.saturating_add(1);
        kept.last_id
    }

    /// Adds a delivery, or replaces the one with the same id. One that is older than
    /// all that are kept is dropped.
    pub(crate) fn put(&self, mut record: Record) {
        // A slice would keep the buffer that it was read into.
        record.body = Bytes::from(record.body.to_vec());
        let mut kept = self.lock();
        kept.last_id = kept.last_id.max(record.id);
        kept.remove(record.id);
        let change = self.changed.borrow().saturating_add(1);
        kept.weight = kept.weight.saturating_add(record.weight());
        kept.changes.insert(change, record.id);
        kept.records.insert(record.id, (change, Arc::new(record)));
        while kept.records.len() > self.keep || kept.weight > ROOM {
            match kept.records.keys().next().copied() {
                Some(oldest) => kept.remove(oldest),
                None => break,
            }
        }
        self.changed.send_replace(change);
    }

    pub(crate) fn get(&self, id: u64) -> Option<Arc<Record>> {
        let kept = self.lock();
        kept.records.get(&id).map(|(_, record)| Arc::clone(record))
    }

    pub(crate) fn all(&self) -> Vec<Arc<Record>> {
        let kept = self.lock();
        (kept.records.values())
            .map(|(_, record)| Arc::clone(record))
            .collect()
    }

    /// The first verified delivery of this event and task that is kept.
    pub(crate) fn first_of(&self, event: &str, task_id: &str) -> Option<u64> {
        let kept = self.lock();
        let is_same = |(_, record): &&(u64, Arc<Record>)| {
            record.is_verified()
                && record.event.as_deref() == Some(event)
                && record.task_id.as_deref() == Some(task_id)
        };
        let first = kept.records.values().find(is_same);
        first.map(|(_, record)| record.id)
    }

    /// The lowest id that is kept, or the next one.
    pub(crate) fn kept_from(&self) -> u64 {
        let kept = self.lock();
        let first = kept.records.keys().next().copied();
        first.unwrap_or(kept.last_id.saturating_add(1))
    }

    /// What has changed after this change, the longest ago first, with its number.
    pub(crate) fn changes(&self, after: u64, most: usize) -> Vec<(u64, Arc<Record>)> {
        let kept = self.lock();
        let newer = kept.changes.range(after.saturating_add(1)..).take(most);
        newer
            .filter_map(|(change, id)| Some((*change, Arc::clone(&kept.records.get(id)?.1))))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // No code that holds the lock can leave the maps half-changed.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn remove(&mut self, id: u64) {
        if let Some((change, record)) = self.records.remove(&id) {
            self.changes.remove(&change);
            self.weight = self.weight.saturating_sub(record.weight());
        }
    }
}
