use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::attempt::Attempt;

/// The latest attempts, for whoever asks and whoever waits.
pub(crate) struct History {
    attempts: Mutex<Attempts>,
    news: watch::Sender<()>,
    capacity: usize,
}

#[derive(Default)]
struct Attempts {
    latest: VecDeque<Attempt>,
    last_sequence: u64,
    is_closed: bool,
}

impl History {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            attempts: Mutex::default(),
            news: watch::Sender::new(()),
            capacity,
        }
    }

    /// Numbers an attempt and keeps it.
    pub(crate) fn push(&self, mut attempt: Attempt) -> Attempt {
        let mut attempts = self.lock();
        attempts.last_sequence = attempts.last_sequence.saturating_add(1);
        attempt.sequence = attempts.last_sequence;
        if attempts.latest.len() >= self.capacity {
            attempts.latest.pop_front();
        }
        attempts.latest.push_back(attempt.clone());
        drop(attempts);
        self.news.send_replace(());
        attempt
    }

    /// Those that are still kept, from the one after this sequence number.
    pub(crate) fn after(&self, sequence: u64) -> Vec<Attempt> {
        let attempts = self.lock();
        let new = (attempts.latest.iter()).filter(|attempt| attempt.sequence > sequence);
        new.cloned().collect()
    }

    /// Nothing comes any more.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.news.send_replace(());
    }

    /// What comes from now on.
    pub(crate) fn watch(self: &Arc<Self>) -> AttemptStream {
        AttemptStream {
            news: self.news.subscribe(),
            last_sequence: self.lock().last_sequence,
            history: Arc::clone(self),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Attempts> {
        // Nothing that holds the lock can leave the list half-changed.
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The attempts of a simulator as they end. From
/// [`RunningSimulator::watch`](crate::RunningSimulator::watch).
pub struct AttemptStream {
    history: Arc<History>,
    news: watch::Receiver<()>,
    last_sequence: u64,
}

impl AttemptStream {
    /// The next attempt, or `None` when the simulator has been shut down and
    /// all have been given out.
    ///
    /// The simulator keeps the latest 1,000. Who falls further behind misses
    /// some, and sees it by [`Attempt::sequence`]. Cancel safe.
    pub async fn next(&mut self) -> Option<Attempt> {
        loop {
            self.news.mark_unchanged();
            {
                let attempts = self.history.lock();
                let next =
                    (attempts.latest.iter()).find(|attempt| attempt.sequence > self.last_sequence);
                if let Some(next) = next {
                    self.last_sequence = next.sequence;
                    return Some(next.clone());
                }
                if attempts.is_closed {
                    return None;
                }
            }
            // The sender lives in the history that we hold.
            let _ = self.news.changed().await;
        }
    }
}

impl fmt::Debug for AttemptStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptStream")
            .field("last_sequence", &self.last_sequence)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::History;
    use crate::attempt::{Attempt, AttemptResult, Next};

    fn attempt() -> Attempt {
        Attempt {
            sequence: 0,
            delivery_id: 1,
            webhook_id: 1,
            url: String::new(),
            event: String::new(),
            task_id: String::new(),
            attempt: 1,
            started_at_ms: 0,
            duration_ms: 0,
            result: AttemptResult::TimedOut,
            next: Next::GiveUp,
        }
    }

    #[tokio::test]
    async fn the_latest_are_kept_and_the_end_is_told() {
        let history = Arc::new(History::new(3));
        history.push(attempt());
        let mut stream = history.watch();
        for _ in 2..=6 {
            history.push(attempt());
        }
        history.close();
        let sequences = |attempts: Vec<Attempt>| -> Vec<u64> {
            attempts.iter().map(|attempt| attempt.sequence).collect()
        };
        assert_eq!(sequences(history.after(0)), [4, 5, 6]);
        assert_eq!(sequences(history.after(5)), [6]);
        assert!(history.after(6).is_empty());
        for expected in [4, 5, 6] {
            assert_eq!(stream.next().await.unwrap().sequence, expected);
        }
        assert!(stream.next().await.is_none());
        assert!(stream.next().await.is_none());
    }
}
