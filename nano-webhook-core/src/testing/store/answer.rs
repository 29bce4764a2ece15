use std::time::Duration;

use crate::dedupe::{BodyDigest, Claim, Ownership};

/// What a store answers. Owners are letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Acquired(u64),
    TakenOver(u64),
    /// Tenths of a unit that remain.
    InProgress(u128),
    /// Whose body was handled.
    Completed(char),
    Held,
    Lost,
}

impl Answer {
    pub(super) fn of(claim: Claim, unit: Duration) -> Self {
        match claim {
            Claim::Acquired {
                attempt,
                taken_over: false,
            } => Self::Acquired(attempt),
            Claim::Acquired { attempt, .. } => Self::TakenOver(attempt),
            Claim::InProgress { remaining } => {
                let tenth = (unit.as_nanos() / 10).max(1);
                Self::InProgress(remaining.as_nanos().div_ceil(tenth))
            }
            Claim::Completed { body: digest } => {
                let [letter, ..] = *digest.as_bytes();
                let right = digest == body(letter.into());
                Self::Completed(if right { letter.into() } else { '?' })
            }
        }
    }

    /// In real time, a call may come up to three tenths of a unit late, and a store may
    /// read its clock before it waits for concurrent calls.
    pub(super) fn admits(self, actual: Self) -> bool {
        match (self, actual) {
            (Self::InProgress(expected), Self::InProgress(actual)) => {
                expected.abs_diff(actual) <= 3
            }
            _ => self == actual,
        }
    }
}

impl From<Ownership> for Answer {
    fn from(ownership: Ownership) -> Self {
        match ownership {
            Ownership::Held => Self::Held,
            Ownership::Lost => Self::Lost,
        }
    }
}

/// The digest in the claims of an owner.
pub(super) fn body(letter: char) -> BodyDigest {
    BodyDigest::from_bytes([letter as u8; 16])
}
