//! What changes a signature by mistake, as tables. Each row undoes one mistake;
//! the search applies rows one after another until the signature matches.

/// A table of rows: code, step, what undoes it, and the clause.
macro_rules! rows {
    ($(#[$doc:meta])* $visibility:vis const $name:ident: $($code:ident, $step:ident, $undo:expr; $clause:literal;)*) => {
        $(#[$doc])* $visibility const $name: &[super::Row<super::Undo>] = &[
            $(super::row(stringify!($code), super::Step::$step, $undo, $clause),)*
        ];
    };
}

mod around;
mod body;
mod encodings;
mod envelopes;
mod escapes;
mod escaping;
mod html;
mod json;
mod message;
mod printed;
mod secret;
mod signature;
mod spelling;

pub(super) use body::{BODIES, CUT_TO_LENGTH};
pub(super) use message::{Layout, MESSAGES, SignedTime};
pub(super) use secret::SECRETS;
pub(super) use signature::{Presented, other_algorithm, scheme, time_in};

/// One mistake, and how to undo it.
pub(super) struct Row<F> {
    /// Stable, for scripts.
    pub(super) code: &'static str,
    /// What is wrong and what to do, as part of a sentence.
    pub(super) clause: &'static str,
    pub(super) step: Step,
    /// Every value that could have been signed instead.
    pub(super) undo: F,
}

/// From the bytes that were given to those that may be right.
pub(super) type Undo = fn(&[u8]) -> Vec<Vec<u8>>;

/// Which rows may follow a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// What was given is a wrapped or changed form of the right value. Any row may
    /// follow.
    Given,
    /// JSON was printed again. At most once, before [`Step::Signed`].
    Printed,
    /// The sender signed with a changed form.
    Signed,
    /// A guess with many candidates. It counts as two mistakes, and no row precedes or
    /// follows it.
    Guess,
}

impl Step {
    pub(super) fn may_precede(self, next: Self) -> bool {
        match self {
            Self::Given => true,
            Self::Printed | Self::Signed => next == Self::Signed,
            Self::Guess => false,
        }
    }

    /// As how many mistakes it counts.
    pub(super) fn cost(self) -> usize {
        if self == Self::Guess { 2 } else { 1 }
    }
}

const fn row<F>(code: &'static str, step: Step, undo: F, clause: &'static str) -> Row<F> {
    Row {
        code,
        clause,
        step,
        undo,
    }
}

/// A mistake that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) clause: String,
}

impl Fault {
    pub(super) fn new(code: &'static str, clause: impl Into<String>) -> Self {
        Self {
            code,
            clause: clause.into(),
        }
    }
}

impl<F> From<&Row<F>> for Fault {
    fn from(row: &Row<F>) -> Self {
        Self::new(row.code, row.clause)
    }
}
