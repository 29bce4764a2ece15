use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// The last accepted deliveries: number, event and task.
#[derive(Default)]
pub(super) struct Repeats(Mutex<VecDeque<(u64, String, String)>>);

impl Repeats {
    const KEEP: usize = 1000;

    /// Notes an accepted delivery. Gives the number of an earlier one with the same
    /// event and task, if that is still remembered.
    pub(super) fn note(&self, id: u64, event: &str, task_id: &str) -> Option<u64> {
        // No code that holds the lock can leave the list half-changed.
        let mut accepted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = (accepted.iter()).find(|(_, name, task)| name == event && task == task_id);
        let earlier = earlier.map(|(id, ..)| *id);
        if accepted.len() >= Self::KEEP {
            accepted.pop_front();
        }
        accepted.push_back((id, event.to_owned(), task_id.to_owned()));
        earlier
    }
}
