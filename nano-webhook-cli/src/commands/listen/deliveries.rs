use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nano_webhook_core::Delivery;
use serde_json::{Value, json};

use super::record::Record;

/// The last deliveries.
pub(super) struct Deliveries {
    last: Mutex<VecDeque<Arc<Record>>>,
    keep: usize,
    last_id: AtomicU64,
}

impl Deliveries {
    pub(super) fn new(keep: usize) -> Self {
        Self {
            last: Mutex::default(),
            keep,
            last_id: AtomicU64::new(0),
        }
    }

    /// The number of the next one.
    pub(super) fn next_id(&self) -> u64 {
        self.last_id
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1)
    }

    /// The first accepted one of the same event and task that is still kept.
    pub(super) fn earlier(&self, delivery: &Delivery) -> Option<u64> {
        let event = delivery.event();
        event.task_id()?;
        self.lock()
            .iter()
            .filter(|record| record.is_accepted())
            .find(|record| record.label() == (Some(event.name()), event.task_id()))
            .map(|record| record.id)
    }

    pub(super) fn push(&self, record: Arc<Record>) {
        let mut last = self.lock();
        if last.len() >= self.keep {
            last.pop_front();
        }
        last.push_back(record);
    }

    /// All that are kept, the oldest first, with their bodies.
    pub(super) fn to_json(&self) -> Value {
        self.lock()
            .iter()
            .map(|record| {
                let mut value = record.to_json();
                if let Some(object) = value.as_object_mut() {
                    let body = String::from_utf8_lossy(&record.body.bytes);
                    object.insert("body".to_owned(), json!(body));
                }
                value
            })
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Record>>> {
        // Nothing that holds the lock can leave the list half-changed.
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
