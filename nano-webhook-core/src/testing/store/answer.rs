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
    Completed(u8),
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
                // Stores that count in milliseconds may round up.
                let remaining = remaining.saturating_sub(Duration::from_millis(2));
                let tenth = (unit.as_nanos() / 10).max(1);
                Self::InProgress(remaining.as_nanos().div_ceil(tenth))
            }
            Claim::Completed { body: digest } => {
                let [letter, ..] = *digest.as_bytes();
                Self::Completed(if digest == body(letter) { letter } else { b'?' })
            }
        }
    }

    /// In real time, calls take up to three tenths of a unit.
    pub(super) fn admits(self, actual: Self) -> bool {
        match (self, actual) {
            (Self::InProgress(most), Self::InProgress(actual)) => {
                (most.saturating_sub(3)..=most).contains(&actual)
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
pub(super) fn body(letter: u8) -> BodyDigest {
    BodyDigest::from_bytes([letter; 16])
}
