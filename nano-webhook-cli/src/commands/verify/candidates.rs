use std::collections::HashSet;

use super::rows::{Fault, Row, Step, Undo};

/// A value that may be the right one, and the mistakes that were undone to get it.
pub(super) struct Candidate {
    pub(super) value: Vec<u8>,
    /// Of which given value it is a form.
    pub(super) given: usize,
    rows: Vec<&'static Row<Undo>>,
}

/// What rows make of given values, by how many mistakes were undone: a breadth-first
/// search, made level by level, in which each value appears once.
pub(super) struct Candidates {
    rows: &'static [Row<Undo>],
    levels: Vec<Vec<Candidate>>,
    seen: HashSet<Vec<u8>>,
    room: Room,
}

/// How many candidates may still be made, and how many bytes of them.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) candidates: usize,
    pub(super) bytes: usize,
}

impl Room {
    fn is_full(self) -> bool {
        self.candidates == 0 || self.bytes == 0
    }
}

/// A larger value is tried as it is only.
const LARGEST_CHANGED: usize = 4 * 1024 * 1024;

impl Candidates {
    pub(super) fn new<'a>(
        rows: &'static [Row<Undo>],
        given: impl IntoIterator<Item = &'a [u8]>,
        room: Room,
    ) -> Self {
        let mut candidates = Self {
            rows,
            levels: vec![Vec::new(), Vec::new()],
            seen: HashSet::new(),
            room,
        };
        for (given, value) in given.into_iter().enumerate() {
            candidates.push(0, value.to_vec(), given, Vec::new());
        }
        candidates
    }

    /// A candidate of the first level that no row makes.
    pub(super) fn add(&mut self, row: &'static Row<Undo>, value: &[u8]) {
        self.push(1, value.to_vec(), 0, vec![row]);
    }

    /// All that differ from a given value by so many mistakes.
    pub(super) fn level(&mut self, mistakes: usize) -> &[Candidate] {
        while self.levels.len() <= mistakes.saturating_add(1) {
            self.expand();
        }
        self.levels.get(mistakes).map_or(&[], Vec::as_slice)
    }

    /// Applies each row to the last complete level.
    fn expand(&mut self) {
        let last = self.levels.len().saturating_sub(2);
        let from = std::mem::take(self.levels.get_mut(last).unwrap_or(&mut Vec::new()));
        self.levels.push(Vec::new());
        for candidate in &from {
            if candidate.value.len() > LARGEST_CHANGED {
                continue;
            }
            let before = candidate.rows.last().map_or(Step::Given, |row| row.step);
            for row in self.rows {
                // A guess has many candidates, so it is made about what was given only.
                let is_late = row.step == Step::Guess && last > 0;
                if self.room.is_full() || is_late || !before.may_precede(row.step) {
                    continue;
                }
                for value in (row.undo)(&candidate.value) {
                    let rows = candidate.rows.iter().copied().chain([row]).collect();
                    let level = last.saturating_add(row.step.cost());
                    self.push(level, value, candidate.given, rows);
                }
            }
        }
        if let Some(level) = self.levels.get_mut(last) {
            *level = from;
        }
    }

    fn push(&mut self, level: usize, value: Vec<u8>, given: usize, rows: Vec<&'static Row<Undo>>) {
        if (self.room.is_full() && level > 0) || self.seen.contains(&value) {
            return;
        }
        self.room.candidates = self.room.candidates.saturating_sub(1);
        self.room.bytes = self.room.bytes.saturating_sub(value.len());
        self.seen.insert(value.clone());
        if let Some(level) = self.levels.get_mut(level) {
            level.push(Candidate { value, given, rows });
        }
    }
}

impl Candidate {
    pub(super) fn faults(&self) -> impl Iterator<Item = Fault> {
        self.rows.iter().map(|row| Fault::from(*row))
    }
}
