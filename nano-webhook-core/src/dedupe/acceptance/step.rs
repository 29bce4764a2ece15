use std::fmt;
use std::time::Duration;

use crate::dedupe::{Claim, Ownership, Terms};

/// One step of a [sequence](super::Acceptance::steps).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A call on the store.
    Call {
        /// Which call.
        call: Call,
        /// On which delivery. Numbers stand for identities made anew each time.
        delivery: u8,
        /// By whom. Numbers stand for tokens made anew each time.
        owner: u8,
        /// On which terms.
        pace: Pace,
    },
    /// That many units of time pass.
    Wait {
        /// How many.
        units: u8,
    },
}

/// A call on the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// [`claim`](crate::dedupe::DedupeStore::claim)
    Claim,
    /// [`renew`](crate::dedupe::DedupeStore::renew)
    Renew,
    /// [`complete`](crate::dedupe::DedupeStore::complete)
    Complete,
    /// [`release`](crate::dedupe::DedupeStore::release)
    Release,
}

/// Terms in units of time. Time passes in whole units and no deadline falls on
/// one, so that a store in real time has a fifth of a unit to spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// A lease of 1.2 units, a retention of 3.3.
    Short,
    /// A lease of 4.2 units, a retention of 9.3.
    Long,
}

impl Step {
    /// A step from any four bytes, for generators: few deliveries and owners, so
    /// that they meet.
    #[must_use]
    pub fn from_bytes([kind, delivery, owner, more]: [u8; 4]) -> Self {
        let call = match kind % 8 {
            0..=2 => Call::Claim,
            3 => Call::Renew,
            4 => Call::Complete,
            5 => Call::Release,
            // Short waits are the likelier: much happens within a lease.
            _ => {
                return Self::Wait {
                    units: [1, 1, 1, 2, 2, 3, 4, 10]
                        .get(usize::from(more % 8))
                        .copied()
                        .unwrap_or(1),
                };
            }
        };
        Self::Call {
            call,
            delivery: delivery % 3,
            owner: owner % 3,
            pace: if more % 4 == 3 {
                Pace::Long
            } else {
                Pace::Short
            },
        }
    }
}

impl Pace {
    pub(super) const fn lease(self) -> Tenths {
        match self {
            Self::Short => Tenths(12),
            Self::Long => Tenths(42),
        }
    }

    pub(super) const fn retention(self) -> Tenths {
        match self {
            Self::Short => Tenths(33),
            Self::Long => Tenths(93),
        }
    }

    pub(super) fn terms(self, unit: Duration) -> Terms {
        Terms {
            lease: self.lease().of(unit),
            retention: self.retention().of(unit),
        }
    }
}

/// Tenths of a unit: a span, or a point in a sequence's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tenths(pub(super) u32);

impl Tenths {
    pub(super) const fn units(units: u8) -> Self {
        Self(units as u32 * 10)
    }

    pub(super) fn of(self, unit: Duration) -> Duration {
        unit.saturating_mul(self.0) / 10
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    pub(super) const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// What a store answers, and what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer<T> {
    Acquired(u64),
    InProgress(T),
    Completed,
    Held,
    Lost,
}

pub(super) type Expected = Answer<Tenths>;
pub(super) type Actual = Answer<Duration>;

impl Expected {
    /// Time may have passed since the model's clock stood still, so what remains
    /// of a lease may be somewhat less than expected. It is never more, but for
    /// a store that counts in milliseconds and rounds up.
    pub(super) fn admits(self, actual: Actual, unit: Duration) -> bool {
        match (self, actual) {
            (Self::InProgress(expected), Answer::InProgress(actual)) => {
                let longest = expected.of(unit).saturating_add(Duration::from_millis(2));
                let shortest = expected.minus(Tenths(2)).of(unit);
                (shortest..=longest).contains(&actual) && !actual.is_zero()
            }
            (Self::Acquired(expected), Answer::Acquired(actual)) => expected == actual,
            (Self::Completed, Answer::Completed)
            | (Self::Held, Answer::Held)
            | (Self::Lost, Answer::Lost) => true,
            _ => false,
        }
    }
}

impl From<Claim> for Actual {
    fn from(claim: Claim) -> Self {
        match claim {
            Claim::Acquired { attempt } => Self::Acquired(attempt),
            Claim::InProgress { remaining } => Self::InProgress(remaining),
            Claim::Completed => Self::Completed,
        }
    }
}

impl From<Ownership> for Actual {
    fn from(ownership: Ownership) -> Self {
        match ownership {
            Ownership::Held => Self::Held,
            Ownership::Lost => Self::Lost,
        }
    }
}

impl<T: fmt::Debug> fmt::Display for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acquired(attempt) => write!(f, "Acquired {{ attempt: {attempt} }}"),
            Self::InProgress(remaining) => write!(f, "InProgress {{ {remaining:?} }}"),
            Self::Completed => f.write_str("Completed"),
            Self::Held => f.write_str("Held"),
            Self::Lost => f.write_str("Lost"),
        }
    }
}
