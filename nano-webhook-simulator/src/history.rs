use std::collections::VecDeque;
use std::fmt;

use tokio::sync::watch;

use crate::attempt::Attempt;

const KEPT: usize = 1000;

/// The latest attempts.
#[derive(Default)]
pub(crate) struct History(watch::Sender<Attempts>);

#[derive(Default)]
struct Attempts {
    latest: VecDeque<Attempt>,
    last_sequence: u64,
    is_closed: bool,
}

impl History {
    /// Numbers an attempt and keeps it.
    pub(crate) fn push(&self, mut attempt: Attempt) -> Attempt {
        self.0.send_modify(|attempts| {
            attempts.last_sequence = attempts.last_sequence.saturating_add(1);
            attempt.sequence = attempts.last_sequence;
            if attempts.latest.len() >= KEPT {
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
        AttemptStream {
            last_sequence: self.0.borrow().last_sequence,
            attempts: self.0.subscribe(),
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
        let is_news = |attempts: &Attempts| attempts.is_closed || attempts.last_sequence > last;
        let attempts = self.attempts.wait_for(is_news).await.ok()?;
        let next = attempts
            .latest
            .iter()
            .find(|it| it.sequence > last)?
            .clone();
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
    let history = History::default();
    history.push(attempt.clone());
    let mut stream = history.watch();
    for _ in 2..=1003 {
        history.push(attempt.clone());
    }
    history.close();
    for (sequence, first, count) in [(0, Some(4), 1000), (1002, Some(1003), 1), (1003, None, 0)] {
        let kept = history.after(sequence);
        assert_eq!(kept.first().map(|attempt| attempt.sequence), first);
        assert_eq!(kept.len(), count);
    }
    for expected in (4..=1003).map(Some).chain([None, None]) {
        assert_eq!(stream.next().await.map(|it| it.sequence), expected);
    }
}
