use std::collections::HashSet;

use super::Fault;
use super::rows::{Out, Row, Step};

/// A value that may be the right one, and the mistakes that were undone to get it.
pub(super) struct Candidate {
    pub(super) value: Vec<u8>,
    /// Of which given value it is a form.
    given: usize,
    rows: Vec<&'static Row>,
    /// How many mistakes were undone.
    level: usize,
}

/// What rows make of given values: a breadth-first search, made level by level, in
/// which each value appears once.
pub(super) struct Candidates {
    rows: &'static [Row],
    all: Vec<Candidate>,
    seen: HashSet<Vec<u8>>,
    /// How many levels have been expanded.
    expanded: usize,
    room: Room,
}

/// How many candidates may still be made, and how many bytes of them.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) candidates: usize,
    pub(super) bytes: usize,
}

/// A larger value is tried as it is only.
const LARGEST_CHANGED: usize = 4 * 1024 * 1024;

impl Candidates {
    pub(super) fn new(rows: &'static [Row], given: &[&[u8]], room: Room) -> Self {
        let mut candidates = Self {
            rows,
            all: Vec::new(),
            seen: HashSet::new(),
            expanded: 0,
            room,
        };
        for (given, value) in given.iter().enumerate() {
            candidates.push(value.to_vec(), given, Vec::new(), 0);
        }
        candidates
    }

    /// A candidate of the first level that no row makes.
    pub(super) fn add(&mut self, row: &'static Row, value: &[u8]) {
        self.push(value.to_vec(), 0, vec![row], 1);
    }

    /// All that differ from a given value by so many mistakes.
    pub(super) fn level(&mut self, level: usize) -> Vec<&Candidate> {
        while self.expanded < level {
            self.expand();
        }
        (self.all.iter())
            .filter(|candidate| candidate.level == level)
            .collect()
    }

    /// Applies each row to the last complete level.
    fn expand(&mut self) {
        let level = self.expanded;
        self.expanded = level.saturating_add(1);
        for index in 0..self.all.len() {
            for row in self.rows {
                let mut out = Out::default();
                let Some(from) = self.all.get(index).filter(|from| from.level == level) else {
                    break;
                };
                let last = from.rows.last();
                let may_follow = last.is_none_or(|last| last.step.may_precede(row.step));
                // A guess has many candidates, so it is made about what was given only.
                let is_late = row.step == Step::Guess && level > 0;
                let is_large = from.value.len() > LARGEST_CHANGED;
                if self.room.is_full() || is_late || !may_follow || is_large {
                    continue;
                }
                (row.undo)(&from.value, &mut out);
                let rows: Vec<_> = from.rows.iter().copied().chain([row]).collect();
                let (given, cost) = (from.given, if row.step == Step::Guess { 2 } else { 1 });
                for value in out.0 {
                    self.push(value, given, rows.clone(), level.saturating_add(cost));
                }
            }
        }
    }

    fn push(&mut self, value: Vec<u8>, given: usize, rows: Vec<&'static Row>, level: usize) {
        if (self.room.is_full() && level > 0) || !self.seen.insert(value.clone()) {
            return;
        }
        self.room.candidates = self.room.candidates.saturating_sub(1);
        self.room.bytes = self.room.bytes.saturating_sub(value.len());
        self.all.push(Candidate {
            value,
            given,
            rows,
            level,
        });
    }
}

impl Room {
    fn is_full(self) -> bool {
        self.candidates == 0 || self.bytes == 0
    }
}

impl Candidate {
    /// The mistakes. They name the secret if it is not the current one.
    pub(super) fn faults(&self) -> impl Iterator<Item = Fault> {
        self.rows.iter().map(|row| {
            let mut fault = Fault::new(row.code, row.clause);
            if self.given > 0 {
                let which = format!("previous secret {}", self.given);
                fault.clause = fault.clause.replace("the given secret", &which);
                fault.clause = fault.clause.replacen("the secret", &which, 1);
            }
            fault
        })
    }
}
