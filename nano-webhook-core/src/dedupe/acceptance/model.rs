use std::collections::HashMap;

use super::step::{Actual, Answer, Call, Expected, Pace, Tenths};
use std::time::Duration;

/// The contract of [`DedupeStore`](crate::dedupe::DedupeStore) in its plainest
/// form: no concurrency, no bounds, time in tenths of a unit.
#[derive(Default)]
pub(super) struct Model {
    now: Tenths,
    records: HashMap<u8, Record>,
}

#[derive(Clone, Copy)]
enum Record {
    Leased {
        owner: u8,
        attempt: u64,
        deadline: Tenths,
        retention: Tenths,
    },
    Completed {
        owner: u8,
        until: Tenths,
    },
    Free {
        attempt: u64,
        /// It must be known until then, and may not be known after the other.
        from: Tenths,
        to: Tenths,
    },
}

impl Model {
    pub(super) fn wait(&mut self, units: u8) {
        self.now = self.now.plus(Tenths::units(units));
    }

    /// Makes the call, and compares with what the store answered.
    ///
    /// # Errors
    /// What it might have answered.
    pub(super) fn judge(
        &mut self,
        (call, delivery, owner, pace): (Call, u8, u8, Pace),
        actual: Actual,
        unit: Duration,
    ) -> Result<(), Vec<Expected>> {
        let allowed = self.allowed(call, delivery, owner);
        let Some(answer) = allowed
            .iter()
            .copied()
            .find(|expected| expected.admits(actual, unit))
        else {
            return Err(allowed);
        };
        self.apply(call, delivery, owner, pace, answer);
        Ok(())
    }

    fn allowed(&self, call: Call, delivery: u8, owner: u8) -> Vec<Expected> {
        let record = self.at(delivery);
        let answer = match (call, record) {
            (Call::Claim, None) => Answer::Acquired(1),
            (Call::Claim, Some(Record::Free { attempt, from, .. })) => {
                let next = Answer::Acquired(attempt + 1);
                // It may be forgotten already.
                return if self.now < from {
                    vec![next]
                } else {
                    vec![next, Answer::Acquired(1)]
                };
            }
            (Call::Claim, Some(Record::Completed { .. })) => Answer::Completed,
            (
                Call::Claim,
                Some(Record::Leased {
                    owner: holder,
                    attempt,
                    deadline,
                    ..
                }),
            ) => {
                if holder == owner {
                    Answer::Acquired(attempt)
                } else {
                    Answer::InProgress(deadline.minus(self.now))
                }
            }
            (_, Some(Record::Leased { owner: holder, .. })) if holder == owner => Answer::Held,
            (Call::Complete, Some(Record::Completed { owner: by, .. })) if by == owner => {
                Answer::Held
            }
            _ => Answer::Lost,
        };
        vec![answer]
    }

    fn apply(&mut self, call: Call, delivery: u8, owner: u8, pace: Pace, answer: Expected) {
        let leased = |attempt| Record::Leased {
            owner,
            attempt,
            deadline: self.now.plus(pace.lease()),
            retention: pace.retention(),
        };
        let held = match self.at(delivery) {
            Some(Record::Leased {
                owner: holder,
                attempt,
                ..
            }) if holder == owner => Some(attempt),
            _ => None,
        };
        let record = match (call, answer, held) {
            (Call::Claim, Answer::Acquired(attempt), _) => leased(attempt),
            (Call::Renew, Answer::Held, Some(attempt)) => leased(attempt),
            (Call::Complete, Answer::Held, Some(_)) => Record::Completed {
                owner,
                until: self.now.plus(pace.retention()),
            },
            (Call::Release, Answer::Held, Some(attempt)) => {
                let from = self.now.plus(pace.retention());
                Record::Free {
                    attempt,
                    from,
                    to: from.plus(pace.lease()),
                }
            }
            _ => return,
        };
        self.records.insert(delivery, record);
    }

    /// What a delivery's record amounts to now.
    fn at(&self, delivery: u8) -> Option<Record> {
        let record = match *self.records.get(&delivery)? {
            Record::Leased {
                attempt,
                deadline,
                retention,
                ..
            } if deadline <= self.now => Record::Free {
                attempt,
                from: deadline.plus(retention),
                to: deadline.plus(retention),
            },
            record => record,
        };
        match record {
            Record::Completed { until, .. } if until <= self.now => None,
            Record::Free { to, .. } if to <= self.now => None,
            _ => Some(record),
        }
    }
}
