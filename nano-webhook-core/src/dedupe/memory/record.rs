use super::moment::Moment;
use crate::dedupe::{BodyDigest, OwnerToken};

/// What is known of one delivery.
#[derive(Clone, Copy)]
pub(super) enum Record {
    Leased {
        owner: OwnerToken,
        body: BodyDigest,
        attempt: u64,
        deadline: Moment,
        /// When the attempt may be forgotten, if nothing comes after the deadline.
        forget_at: Moment,
    },
    Free {
        attempt: u64,
        forget_at: Moment,
    },
    Completed {
        owner: OwnerToken,
        body: BodyDigest,
        forget_at: Moment,
    },
}

impl Record {
    /// What it amounts to at this moment: a lease that has run out is free, and
    /// what is to be forgotten is not there.
    pub(super) fn at(self, now: Moment) -> Option<Self> {
        let current = match self {
            Self::Leased {
                attempt,
                deadline,
                forget_at,
                ..
            } if deadline <= now => Self::Free { attempt, forget_at },
            other => other,
        };
        match current {
            Self::Free { forget_at, .. } | Self::Completed { forget_at, .. }
                if forget_at <= now =>
            {
                None
            }
            _ => Some(current),
        }
    }

    /// When something is next to be done about it.
    pub(super) fn due(&self) -> Moment {
        match self {
            Self::Leased { deadline, .. } => *deadline,
            Self::Free { forget_at, .. } | Self::Completed { forget_at, .. } => *forget_at,
        }
    }
}
