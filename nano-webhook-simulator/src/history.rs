use std::collections::VecDeque;
use std::fmt;

use tokio::sync::watch;

use crate::attempt::Attempt;

/// The latest attempts.
pub(crate) struct History(watch::Sender<Attempts>);

struct Attempts {
    latest: VecDeque<Attempt>,
    capacity: usize,
    last_sequence: u64,
    is_closed: bool,
}

impl History {
    pub(crate) fn new(capacity: usize) -> Self {
        Self(watch::Sender::new(Attempts {
            latest: VecDeque::new(),
            capacity,
            last_sequence: 0,
            is_closed: false,
        }))
    }

    /// Numbers an attempt and keeps it.
    pub(crate) fn push(&self, mut attempt: Attempt) -> Attempt {
        self.0.send_modify(|attempts| {
            attempts.last_sequence = attempts.last_sequence.saturating_add(1);
            attempt.sequence = attempts.last_sequence;
            if attempts.latest.len() >= attempts.capacity {
                attempts.latest.pop_front();
            }
            attempts.latest.push_back(attempt.clone());
        });
        attempt
    }

    /// The kept attempts after this sequence number.
    pub(crate) fn after(&self, sequence: u64) -> Vec<Attempt> {
        let attempts = self.0.borrow();
        let new = (attempts.latest.iter()).filter(|attempt| attempt.sequence > sequence);
        new.cloned().collect()
    }

    /// Ends the streams: no attempt follows.
    pub(crate) fn close(&self) {
        self.0.send_modify(|attempts| attempts.is_closed = true);
    }

    /// The attempts from now on.
    pub(crate) fn watch(&self) -> AttemptStream {
        let attempts = self.0.subscribe();
        let last_sequence = attempts.borrow().last_sequence;
        AttemptStream {
            attempts,
            last_sequence,
        }
    }
}

/// The attempts of a simulator as they end. From
/// [`RunningSimulator::watch`](crate::RunningSimulator::watch).
pub struct AttemptStream {
    attempts: watch::Receiver<Attempts>,
    last_sequence: u64,
}

impl AttemptStream {
    /// The next attempt, or `None` after the simulator was shut down and every
    /// attempt was returned.
    ///
    /// The simulator keeps the latest 1,000 attempts. A stream that falls further
    /// behind skips some; [`Attempt::sequence`] shows how many. Cancel safe.
    pub async fn next(&mut self) -> Option<Attempt> {
        let last = self.last_sequence;
        let is_newer = |attempt: &&Attempt| attempt.sequence > last;
        let is_news = |attempts: &Attempts| {
            attempts.is_closed || attempts.latest.iter().any(|it| is_newer(&it))
        };
        let attempts = self.attempts.wait_for(is_news).await.ok()?;
        let next = attempts.latest.iter().find(is_newer)?.clone();
        drop(attempts);
        self.last_sequence = next.sequence;
        Some(next)
    }
}

impl fmt::Debug for AttemptStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("AttemptStream");
        shown.field("last_sequence", &self.last_sequence);
        shown.finish_non_exhaustive()
    }
}

#[cfg(test)]
#[tokio::test]
async fn the_latest_are_kept_until_the_end() {
    let attempt: Attempt = serde_json::from_str(
        r#"{"sequence":0,"delivery_id":1,"webhook_id":1,"url":"","event":"","task_id":"","attempt":1,
            "started_at_ms":0,"duration_ms":0,"result":{"kind":"timed_out"},"next":{"kind":"give_up"}}"#,
    )
    .unwrap();
    let history = History::new(3);
    history.push(attempt.clone());
    let mut stream = history.watch();
    for _ in 2..=6 {
        history.push(attempt.clone());
    }
    history.close();
    for (sequence, expected) in [(0, &[4, 5, 6][..]), (5, &[6]), (6, &[])] {
        let kept = history.after(sequence);
        let kept: Vec<_> = kept.iter().map(|attempt| attempt.sequence).collect();
        assert_eq!(kept, expected);
    }
    for expected in [Some(4), Some(5), Some(6), None, None] {
        assert_eq!(stream.next().await.map(|it| it.sequence), expected);
    }
}
