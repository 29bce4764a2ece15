use super::step::{Answer, Call, Expected, Pace, Step, Tenths};

/// One thing that a store must do, as a conversation with it.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) lines: &'static [Line],
}

#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) step: Step,
    /// For a wait: none.
    pub(super) expected: Option<Expected>,
}

const A: u8 = 0;
const B: u8 = 1;
const C: u8 = 2;

const HELD: Expected = Answer::Held;
const LOST: Expected = Answer::Lost;
const COMPLETED: Expected = Answer::Completed;
const FIRST: Expected = Answer::Acquired(1);
const SECOND: Expected = Answer::Acquired(2);
const THIRD: Expected = Answer::Acquired(3);

const fn in_progress(tenths: u32) -> Expected {
    Answer::InProgress(Tenths(tenths))
}

impl Line {
    const fn new(call: Call, owner: u8, expected: Expected) -> Self {
        Self {
            step: Step::Call {
                call,
                delivery: 0,
                owner,
                pace: Pace::Short,
            },
            expected: Some(expected),
        }
    }

    const fn long(mut self) -> Self {
        if let Step::Call { pace, .. } = &mut self.step {
            *pace = Pace::Long;
        }
        self
    }

    const fn other(mut self) -> Self {
        if let Step::Call { delivery, .. } = &mut self.step {
            *delivery = 1;
        }
        self
    }
}

const fn claim(owner: u8, expected: Expected) -> Line {
    Line::new(Call::Claim, owner, expected)
}

const fn renew(owner: u8, expected: Expected) -> Line {
    Line::new(Call::Renew, owner, expected)
}

const fn complete(owner: u8, expected: Expected) -> Line {
    Line::new(Call::Complete, owner, expected)
}

const fn release(owner: u8, expected: Expected) -> Line {
    Line::new(Call::Release, owner, expected)
}

const fn wait(units: u8) -> Line {
    Line {
        step: Step::Wait { units },
        expected: None,
    }
}

const fn case(name: &'static str, lines: &'static [Line]) -> Case {
    Case { name, lines }
}

/// Every cell of the contract's table, then time. The short pace has a lease of
/// 1.2 units and a retention of 3.3, the long one 4.2 and 9.3.
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    // No record.
    case("a claim on nothing leases", &[claim(A, FIRST)]),
    case("nothing cannot be renewed", &[renew(A, LOST), claim(B, FIRST)]),
    case("nothing cannot be completed", &[complete(A, LOST), claim(B, FIRST)]),
    case("nothing cannot be released", &[release(A, LOST), claim(B, FIRST)]),

    // Released.
    case("what was released can be claimed, the attempt grows", &[
        claim(A, FIRST), release(A, HELD), claim(B, SECOND), release(B, HELD), claim(A, THIRD),
    ]),
    case("what was released can be claimed by the same", &[
        claim(A, FIRST), release(A, HELD), claim(A, SECOND),
    ]),
    case("what was released cannot be renewed", &[
        claim(A, FIRST), release(A, HELD), renew(A, LOST), renew(B, LOST), claim(B, SECOND),
    ]),
    case("what was released cannot be completed", &[
        claim(A, FIRST), release(A, HELD), complete(A, LOST), complete(B, LOST), claim(B, SECOND),
    ]),
    case("what was released cannot be released again", &[
        claim(A, FIRST), release(A, HELD), release(A, LOST), release(B, LOST), claim(B, SECOND),
    ]),

    // Leased to the caller.
    case("a repeated claim has the same attempt", &[
        claim(A, FIRST), claim(A, FIRST), claim(A, FIRST), complete(A, HELD),
    ]),
    case("a repeated claim lasts from then on", &[
        claim(A, FIRST), wait(1), claim(A, FIRST), wait(1), claim(B, in_progress(2)), renew(A, HELD),
    ]),
    case("a renewal lasts from then on", &[
        claim(A, FIRST), wait(1), renew(A, HELD), wait(1), renew(A, HELD), wait(1),
        claim(B, in_progress(2)), complete(A, HELD),
    ]),
    case("the holder completes", &[claim(A, FIRST), complete(A, HELD), claim(B, COMPLETED)]),
    case("the holder releases", &[claim(A, FIRST), release(A, HELD), claim(B, SECOND)]),

    // Leased to another.
    case("a held lease is in progress for others", &[
        claim(A, FIRST), claim(B, in_progress(12)), wait(1), claim(B, in_progress(2)), renew(A, HELD),
    ]),
    case("another's claim does not prolong a lease", &[
        claim(A, FIRST), wait(1), claim(B, in_progress(2)), wait(1), claim(B, SECOND),
    ]),
    case("another cannot renew", &[
        claim(A, FIRST), wait(1), renew(B, LOST), claim(B, in_progress(2)), wait(1), claim(B, SECOND),
    ]),
    case("another cannot complete", &[
        claim(A, FIRST), complete(B, LOST), claim(B, in_progress(12)), complete(A, HELD),
    ]),
    case("another cannot release", &[
        claim(A, FIRST), release(B, LOST), claim(B, in_progress(12)), renew(A, HELD),
    ]),

    // Completed.
    case("what is completed cannot be claimed", &[
        claim(A, FIRST), complete(A, HELD), claim(A, COMPLETED), claim(B, COMPLETED),
    ]),
    case("what is completed cannot be renewed", &[
        claim(A, FIRST), complete(A, HELD), renew(A, LOST), renew(B, LOST), claim(B, COMPLETED),
    ]),
    case("a repeated completion answers the same", &[
        claim(A, FIRST), complete(A, HELD), complete(A, HELD), claim(B, COMPLETED), complete(A, HELD),
    ]),
    case("another cannot complete what is completed", &[
        claim(A, FIRST), complete(A, HELD), complete(B, LOST), complete(A, HELD), claim(B, COMPLETED),
    ]),
    case("what is completed cannot be released", &[
        claim(A, FIRST), complete(A, HELD), release(A, LOST), release(B, LOST), claim(B, COMPLETED),
    ]),

    // Time: leases.
    case("a lease runs out, and the next claim takes over", &[
        claim(A, FIRST), wait(2), claim(B, SECOND), claim(C, in_progress(12)), complete(B, HELD),
    ]),
    case("a lease that ran out cannot be renewed", &[
        claim(A, FIRST), wait(2), renew(A, LOST), claim(B, SECOND),
    ]),
    case("a lease that ran out cannot be completed", &[
        claim(A, FIRST), wait(2), complete(A, LOST), claim(B, SECOND),
    ]),
    case("a lease that ran out cannot be released", &[
        claim(A, FIRST), wait(2), release(A, LOST), claim(B, SECOND),
    ]),
    case("a lease that ran out can be claimed by the same, as a new attempt", &[
        claim(A, FIRST), wait(2), claim(A, SECOND), complete(A, HELD),
    ]),
    case("a late holder cannot touch its successor's lease", &[
        claim(A, FIRST), wait(2), claim(B, SECOND),
        renew(A, LOST), complete(A, LOST), release(A, LOST), claim(A, in_progress(12)),
        claim(C, in_progress(12)), renew(B, HELD), complete(B, HELD),
    ]),
    case("a late holder cannot touch its successor's completion", &[
        claim(A, FIRST), wait(2), claim(B, SECOND), complete(B, HELD),
        renew(A, LOST), complete(A, LOST), release(A, LOST), claim(A, COMPLETED), complete(B, HELD),
    ]),
    case("attempts grow with each take-over", &[
        claim(A, FIRST), wait(2), claim(B, SECOND), wait(2), claim(C, THIRD),
        renew(A, LOST), renew(B, LOST), renew(C, HELD),
    ]),
    case("a claim's own terms hold", &[
        claim(A, FIRST).long(), claim(B, in_progress(42)), wait(4), claim(B, in_progress(2)),
        wait(1), claim(B, SECOND), claim(A, in_progress(12)),
    ]),
    case("a renewal's own terms hold", &[
        claim(A, FIRST), renew(A, HELD).long(), claim(B, in_progress(42)), wait(4), renew(A, HELD),
        wait(1), claim(B, in_progress(2)), wait(1), claim(B, SECOND),
    ]),

    // Time: completions.
    case("a completion is remembered for the retention, and no longer", &[
        claim(A, FIRST), complete(A, HELD), wait(3), claim(B, COMPLETED), wait(1), claim(B, FIRST),
    ]),
    case("the retention begins with the completion", &[
        claim(A, FIRST), wait(1), complete(A, HELD), wait(3), claim(B, COMPLETED),
    ]),
    case("a completion's own terms hold", &[
        claim(A, FIRST), complete(A, HELD).long(), wait(9), claim(B, COMPLETED), wait(1), claim(B, FIRST),
    ]),
    case("a completion after a longer lease has the retention that it asks for", &[
        claim(A, FIRST).long(), complete(A, HELD), wait(3), claim(B, COMPLETED), wait(1), claim(B, FIRST),
    ]),
    case("a repeated completion does not prolong the memory", &[
        claim(A, FIRST), complete(A, HELD), wait(2), complete(A, HELD).long(), claim(B, COMPLETED),
        wait(2), claim(B, FIRST),
    ]),
    case("what is forgotten cannot be completed again", &[
        claim(A, FIRST), complete(A, HELD), wait(4), complete(A, LOST), claim(B, FIRST),
    ]),

    // Time: attempts.
    case("attempts are known for the retention after a release", &[
        claim(A, FIRST), release(A, HELD), wait(3), claim(B, SECOND),
    ]),
    case("attempts are known for the retention after a release on longer terms", &[
        claim(A, FIRST), release(A, HELD).long(), wait(9), claim(B, SECOND),
    ]),
    case("attempts are known for the retention after a lease ran out", &[
        claim(A, FIRST), wait(4), claim(B, SECOND), renew(B, HELD).long(), wait(13), claim(C, THIRD),
    ]),
    case("attempts are forgotten after a release", &[
        claim(A, FIRST), release(A, HELD), wait(5), claim(B, FIRST),
    ]),
    case("attempts are forgotten after a lease ran out", &[
        claim(A, FIRST), wait(5), claim(B, FIRST), wait(5), claim(C, FIRST).long(), wait(14), claim(A, FIRST),
    ]),

    // Deliveries do not touch each other.
    case("each delivery has its own lease", &[
        claim(A, FIRST), claim(B, FIRST).other(), claim(A, in_progress(12)).other(),
        release(A, HELD), renew(B, HELD).other(), claim(C, SECOND), complete(B, HELD).other(),
        renew(C, HELD), claim(A, COMPLETED).other(),
    ]),
    case("one owner may hold several", &[
        claim(A, FIRST), claim(A, FIRST).other(), complete(A, HELD), renew(A, HELD).other(),
        release(A, HELD).other(), claim(B, COMPLETED), claim(B, SECOND).other(),
    ]),
];
