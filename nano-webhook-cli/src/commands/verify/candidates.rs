use std::collections::{BTreeMap, HashSet};

use super::Fault;
use super::rows::{Row, Step};
use super::search::Effort;

/// A value that may be the right one, and the mistakes that were undone to get it.
pub(super) struct Candidate {
    pub(super) value: Vec<u8>,
    /// Of which given value it is a form.
    given: usize,
    rows: Vec<&'static Row>,
}

/// What rows make of given values: a breadth-first search, made level by level, in
/// which each value appears once.
pub(super) struct Candidates {
    rows: &'static [Row],
    /// By the number of mistakes that were undone.
    levels: BTreeMap<usize, Vec<Candidate>>,
    seen: HashSet<Vec<u8>>,
    /// How many levels have been expanded.
    expanded: usize,
    /// How many candidates may still be made, and how many bytes of them.
    count: usize,
    bytes: usize,
}

/// A larger value is tried as it is only.
const LARGEST_CHANGED: usize = 4 * 1024 * 1024;

impl Candidates {
    pub(super) fn new(rows: &'static [Row], given: &[&[u8]], effort: Effort) -> Self {
        let mut candidates = Self {
            rows,
            levels: BTreeMap::new(),
            seen: HashSet::new(),
            expanded: 0,
            count: effort.candidates,
            bytes: effort.bytes / 4,
        };
        for (given, value) in given.iter().enumerate() {
            candidates.push(0, value.to_vec(), given, Vec::new());
        }
        candidates
    }

    /// A candidate of the first level that no row makes.
    pub(super) fn add(&mut self, row: &'static Row, value: &[u8]) {
        self.push(1, value.to_vec(), 0, vec![row]);
    }

    /// All that differ from a given value by so many mistakes.
    pub(super) fn level(&mut self, level: usize) -> &[Candidate] {
        while self.expanded < level {
            self.expand();
        }
        self.levels.get(&level).map_or(&[], Vec::as_slice)
    }

    /// Applies each row to the last complete level.
    fn expand(&mut self) {
        let level = self.expanded;
        self.expanded += 1;
        let all = self.levels.remove(&level).unwrap_or_default();
        for from in all
            .iter()
            .filter(|from| from.value.len() <= LARGEST_CHANGED)
        {
            for row in self.rows {
                let before = from.rows.last();
                if self.is_full() || before.is_some_and(|last| !last.step.may_precede(row.step)) {
                    continue;
                }
                let rows: Vec<_> = from.rows.iter().copied().chain([row]).collect();
                let cost = if row.step == Step::Guess { 2 } else { 1 };
                for value in row.undo(&from.value) {
                    self.push(level + cost, value, from.given, rows.clone());
                }
            }
        }
        self.levels.insert(level, all);
    }

    fn push(&mut self, level: usize, value: Vec<u8>, given: usize, rows: Vec<&'static Row>) {
        if (self.is_full() && level > 0) || !self.seen.insert(value.clone()) {
            return;
        }
        self.count = self.count.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(value.len());
        let level = self.levels.entry(level).or_default();
        level.push(Candidate { value, given, rows });
    }

    fn is_full(&self) -> bool {
        self.count == 0 || self.bytes == 0
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
