//! What changes a signature by mistake, as tables. Each row undoes one mistake;
//! the search applies rows one after another until the signature matches.

/// A table of rows: code, step, what undoes it, and the clause.
macro_rules! rows {
    ($(#[$doc:meta])* const $name:ident: $($code:ident, $step:ident, $undo:expr; $clause:literal;)*) => {
        $(#[$doc])* pub(in super::super) const $name: &[super::Row] = &[
            $(super::Row {
                code: stringify!($code),
                clause: $clause,
                step: super::Step::$step,
                undo: $undo,
            },)*
        ];
    };
}

mod around;
mod body;
mod encodings;
mod envelopes;
mod escapes;
mod json;
mod message;
mod printed;
mod secret;
mod spelling;

pub(super) use body::{BODIES, CUT_TO_LENGTH};
pub(super) use encodings::from_base64;
pub(super) use message::{Layout, SignedTime, layouts};
pub(super) use secret::SECRETS;

/// One mistake, and how to undo it.
pub(super) struct Row {
    /// Stable, for scripts.
    pub(super) code: &'static str,
    /// What is wrong and what to do, as part of a sentence.
    pub(super) clause: &'static str,
    pub(super) step: Step,
    /// Adds every value that could have been signed instead of the given one.
    pub(super) undo: fn(&[u8], &mut Out),
}

/// Values that a row makes. An empty one is left out: only the rows that are about
/// empty values add it.
#[derive(Default)]
pub(super) struct Out(pub(super) Vec<Vec<u8>>);

impl Out {
    fn add(&mut self, value: impl Into<Vec<u8>>) {
        self.all([value]);
    }

    /// Adds the values of an option, an array or an iterator.
    fn all<T: Into<Vec<u8>>>(&mut self, values: impl IntoIterator<Item = T>) {
        let values = values.into_iter().map(Into::into);
        self.0.extend(values.filter(|value| !value.is_empty()));
    }
}

/// Replaces what `read` understands at the beginning of the rest of the text. Adds
/// nothing if it understands nothing.
fn replaced(text: &[u8], out: &mut Out, read: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>) {
    let mut value = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        match read(rest) {
            Some((bytes, length)) => {
                value.extend(bytes);
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                value.push(*first);
                rest = after;
            }
        }
    }
    out.add(value);
}

fn written(text: &[u8], out: &mut Out, write: impl Fn(u8, &mut Vec<u8>)) {
    let mut value = Vec::with_capacity(text.len());
    for byte in text {
        write(*byte, &mut value);
    }
    out.add(value);
}

/// Which rows may follow a row.
#[derive(Clone, Copy, PartialEq, Eq)]
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
