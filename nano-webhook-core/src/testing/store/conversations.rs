use std::time::Duration;

use super::answer::Answer::{self, *};
use crate::dedupe::Terms;

/// When (in units), which owner, the call, and what the store answers.
pub(super) type Line = (u32, u8, Call, Answer);

pub(super) type Call = (What, Pace);

#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Claim,
    Renew,
    Complete,
    Release,
}

/// The terms of a call. No deadline falls on a whole unit.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    Short,
    Long,
}

impl Pace {
    pub(super) fn terms(self, unit: Duration) -> Terms {
        let (lease, retention) = match self {
            Self::Short => (14, 23),
            Self::Long => (34, 53),
        };
        Terms {
            lease: unit.saturating_mul(lease) / 10,
            retention: unit.saturating_mul(retention) / 10,
        }
    }
}

pub(super) const CLAIM: Call = (What::Claim, Pace::Short);
pub(super) const COMPLETE: Call = (What::Complete, Pace::Short);
pub(super) const RELEASE: Call = (What::Release, Pace::Short);
const RENEW: Call = (What::Renew, Pace::Short);
const CLAIM_LONG: Call = (What::Claim, Pace::Long);
const RENEW_LONG: Call = (What::Renew, Pace::Long);
const COMPLETE_LONG: Call = (What::Complete, Pace::Long);
const RELEASE_LONG: Call = (What::Release, Pace::Long);

const A: u8 = b'A';
const B: u8 = b'B';
const C: u8 = b'C';

#[rustfmt::skip]
pub(super) const CONVERSATIONS: &[(&str, &[Line])] = &[
    ("no record: nothing to renew, complete or release", &[
        (0, A, RENEW, Lost), (0, A, COMPLETE, Lost), (0, A, RELEASE, Lost), (0, B, CLAIM, Acquired(1)),
    ]),

    ("free: the next claim has the next attempt", &[
        (0, A, CLAIM, Acquired(1)), (0, A, RELEASE, Held), (0, B, CLAIM, Acquired(2)),
        (0, B, RELEASE, Held), (0, B, CLAIM, Acquired(3)),
    ]),
    ("free: nothing to renew, complete or release", &[
        (0, A, CLAIM, Acquired(1)), (0, A, RELEASE, Held),
        (0, A, RENEW, Lost), (0, A, COMPLETE, Lost), (0, A, RELEASE, Lost),
        (0, B, RENEW, Lost), (0, B, COMPLETE, Lost), (0, B, RELEASE, Lost), (0, B, CLAIM, Acquired(2)),
    ]),
    ("free: after the deadline that the lease had, a claim takes nothing over", &[
        (0, A, CLAIM, Acquired(1)), (0, A, RELEASE, Held), (2, B, CLAIM, Acquired(2)),
    ]),
    ("free: remembered for the retention", &[
        (0, A, CLAIM, Acquired(1)), (0, A, RELEASE_LONG, Held), (5, B, CLAIM, Acquired(2)),
    ]),
    ("free: forgotten after that", &[
        (0, A, CLAIM, Acquired(1)), (0, A, RELEASE, Held), (4, B, CLAIM, Acquired(1)),
    ]),

    ("own lease: a repeated claim has the same attempt and a new deadline", &[
        (0, A, CLAIM, Acquired(1)), (0, A, CLAIM, Acquired(1)), (1, A, CLAIM, Acquired(1)),
        (2, B, CLAIM, InProgress(4)), (2, A, COMPLETE, Held),
    ]),
    ("own lease: a repeated claim that had taken over", &[
        (0, A, CLAIM, Acquired(1)), (2, B, CLAIM, TakenOver(2)), (2, B, CLAIM, Acquired(2)),
        (2, B, COMPLETE, Held),
    ]),
    ("own lease: renewals last from the call", &[
        (0, A, CLAIM, Acquired(1)), (1, A, RENEW, Held), (2, A, RENEW, Held), (2, A, RENEW, Held),
        (3, B, CLAIM, InProgress(4)), (3, A, COMPLETE, Held),
    ]),
    ("own lease: completed", &[
        (0, A, CLAIM, Acquired(1)), (0, A, COMPLETE, Held), (0, B, CLAIM, Completed(A)),
    ]),
    ("own lease: the terms of the claim count", &[
        (0, A, CLAIM_LONG, Acquired(1)), (0, B, CLAIM, InProgress(34)), (3, B, CLAIM, InProgress(4)),
        (4, B, CLAIM, TakenOver(2)), (4, C, CLAIM, InProgress(14)),
    ]),
    ("own lease: the terms of the renewal count", &[
        (0, A, CLAIM, Acquired(1)), (0, A, RENEW_LONG, Held), (3, B, CLAIM, InProgress(4)),
        (3, A, RENEW, Held), (4, B, CLAIM, InProgress(4)), (5, B, CLAIM, TakenOver(2)),
    ]),

    ("another's lease: in progress, and not prolonged by claims and renewals", &[
        (0, A, CLAIM, Acquired(1)), (0, B, CLAIM, InProgress(14)), (1, B, CLAIM, InProgress(4)),
        (1, B, RENEW, Lost), (1, B, CLAIM, InProgress(4)), (2, B, CLAIM, TakenOver(2)),
    ]),
    ("another's lease: cannot be renewed, completed or released", &[
        (0, A, CLAIM, Acquired(1)), (0, B, RENEW, Lost), (0, B, COMPLETE, Lost), (0, B, RELEASE, Lost),
        (0, B, CLAIM, InProgress(14)), (0, A, RENEW, Held), (0, A, COMPLETE, Held), (0, C, CLAIM, Completed(A)),
    ]),

    ("own lease, run out: a claim is a new attempt", &[
        (0, A, CLAIM, Acquired(1)), (2, A, CLAIM, Acquired(2)), (2, B, CLAIM, InProgress(14)),
        (2, A, COMPLETE, Held),
    ]),
    ("own lease, run out: renewed", &[
        (0, A, CLAIM, Acquired(1)), (2, A, RENEW, Held), (2, B, CLAIM, InProgress(14)),
        (3, B, CLAIM, InProgress(4)), (4, B, CLAIM, TakenOver(2)),
    ]),
    ("own lease, run out: completed, for the retention from the call", &[
        (0, A, CLAIM, Acquired(1)), (2, A, COMPLETE, Held), (2, A, COMPLETE, Held),
        (4, B, CLAIM, Completed(A)), (5, B, CLAIM, Acquired(1)),
    ]),
    ("own lease, run out: released", &[
        (0, A, CLAIM, Acquired(1)), (2, A, RELEASE, Held), (2, A, RELEASE, Lost), (2, B, CLAIM, Acquired(2)),
    ]),
    ("own lease, run out: its owner's for the retention after the deadline", &[
        (0, A, CLAIM, Acquired(1)), (3, A, COMPLETE, Held), (3, B, CLAIM, Completed(A)),
    ]),
    ("own lease, run out: its owner's for the retention after a renewed deadline", &[
        (0, A, CLAIM, Acquired(1)), (0, A, RENEW_LONG, Held), (8, A, RENEW, Held), (8, B, CLAIM, InProgress(14)),
    ]),
    ("own lease, run out: forgotten after that", &[
        (0, A, CLAIM, Acquired(1)), (4, A, RENEW, Lost), (4, A, COMPLETE, Lost), (4, A, RELEASE, Lost),
        (4, A, CLAIM, Acquired(1)), (8, B, CLAIM, Acquired(1)),
    ]),

    ("another's lease, run out: cannot be renewed, completed or released", &[
        (0, A, CLAIM, Acquired(1)), (2, B, RENEW, Lost), (2, B, COMPLETE, Lost), (2, B, RELEASE, Lost),
        (2, A, RENEW, Held), (2, B, CLAIM, InProgress(14)),
    ]),
    ("another's lease, run out: taken over for the retention after the deadline", &[
        (0, A, CLAIM_LONG, Acquired(1)), (8, B, CLAIM, TakenOver(2)),
    ]),
    ("another's lease, run out: forgotten after that", &[
        (0, A, CLAIM_LONG, Acquired(1)), (9, B, CLAIM, Acquired(1)),
    ]),
    ("taken over: attempts grow, and each former owner has lost", &[
        (0, A, CLAIM, Acquired(1)), (2, B, CLAIM, TakenOver(2)), (4, C, CLAIM, TakenOver(3)),
        (4, A, RENEW, Lost), (4, B, RENEW, Lost), (4, B, COMPLETE, Lost), (4, C, RENEW, Held),
        (6, A, CLAIM, TakenOver(4)), (6, A, RELEASE, Held), (6, B, CLAIM, Acquired(5)),
    ]),
    ("taken over: a late owner cannot change the lease", &[
        (0, A, CLAIM, Acquired(1)), (2, B, CLAIM, TakenOver(2)),
        (2, A, RENEW, Lost), (2, A, COMPLETE, Lost), (2, A, RELEASE, Lost), (2, A, CLAIM, InProgress(14)),
        (2, B, RENEW, Held), (2, B, COMPLETE, Held), (2, A, CLAIM, Completed(B)),
    ]),
    ("taken over: a late owner cannot change the completion", &[
        (0, A, CLAIM, Acquired(1)), (2, B, CLAIM, TakenOver(2)), (2, B, COMPLETE, Held),
        (2, A, RENEW, Lost), (2, A, COMPLETE, Lost), (2, A, RELEASE, Lost), (2, A, CLAIM, Completed(B)),
        (2, B, COMPLETE, Held),
    ]),

    ("completed by the caller: claimed, renewed, released", &[
        (0, A, CLAIM, Acquired(1)), (0, A, COMPLETE, Held), (0, A, CLAIM, Completed(A)),
        (0, A, RENEW, Lost), (0, A, RELEASE, Lost), (0, A, COMPLETE, Held), (0, B, CLAIM, Completed(A)),
    ]),
    ("completed by another: claimed, renewed, completed, released", &[
        (0, A, CLAIM, Acquired(1)), (0, A, COMPLETE, Held), (0, B, CLAIM, Completed(A)),
        (0, B, RENEW, Lost), (0, B, COMPLETE, Lost), (0, B, RELEASE, Lost),
        (0, A, COMPLETE, Held), (0, C, CLAIM, Completed(A)),
    ]),
    ("completed: the body of the owner that completed it", &[
        (0, A, CLAIM, Acquired(1)), (0, A, RELEASE, Held), (0, B, CLAIM, Acquired(2)),
        (0, C, CLAIM, InProgress(14)), (0, B, COMPLETE, Held), (0, C, CLAIM, Completed(B)), (0, A, CLAIM, Completed(B)),
    ]),
    ("completed: remembered for the retention from the completion", &[
        (0, A, CLAIM, Acquired(1)), (1, A, COMPLETE, Held), (3, B, CLAIM, Completed(A)), (4, B, CLAIM, Acquired(1)),
    ]),
    ("completed: the terms of the completion count", &[
        (0, A, CLAIM, Acquired(1)), (0, A, COMPLETE_LONG, Held), (5, B, CLAIM, Completed(A)), (6, B, CLAIM, Acquired(1)),
    ]),
    ("completed: the terms of the completion count, also after a longer lease", &[
        (0, A, CLAIM_LONG, Acquired(1)), (0, A, COMPLETE, Held), (2, B, CLAIM, Completed(A)), (3, B, CLAIM, Acquired(1)),
    ]),
    ("completed: a repeated completion does not prolong the memory", &[
        (0, A, CLAIM, Acquired(1)), (0, A, COMPLETE, Held), (2, A, COMPLETE_LONG, Held), (2, B, CLAIM, Completed(A)),
        (3, B, CLAIM, Acquired(1)),
    ]),
    ("forgotten: the former owner has lost", &[
        (0, A, CLAIM, Acquired(1)), (0, A, COMPLETE, Held), (3, A, COMPLETE, Lost), (3, B, CLAIM, Acquired(1)),
        (3, A, COMPLETE, Lost), (3, A, CLAIM, InProgress(14)), (3, B, COMPLETE, Held), (3, A, CLAIM, Completed(B)),
    ]),
];
