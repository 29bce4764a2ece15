//! What changes a signature by mistake, as tables. Each row undoes one mistake;
//! the search applies rows one after another until the signature matches.

mod body;
mod encodings;
mod envelopes;
mod escapes;
mod json;
mod message;
mod printed;
mod secret;
mod text;

pub(super) use body::{BODIES, CUT_TO_LENGTH};
pub(super) use encodings::from_base64;
pub(super) use message::{Layout, SignedTime, layouts, other_times};
pub(super) use secret::SECRETS;
pub(super) use text::capitalized;

/// One mistake, and how to undo it.
pub(super) struct Row {
    /// Stable, for scripts.
    pub(super) code: &'static str,
    /// What is wrong and what to do, as part of a sentence.
    pub(super) clause: &'static str,
    pub(super) step: Step,
    undo: Undo,
}

/// Adds every value that could have been signed instead of the given one.
enum Undo {
    Bytes(fn(&[u8], &mut Out)),
    /// For UTF-8 only.
    Text(fn(&str, &mut Out)),
}

const fn row(code: &'static str, step: Step, undo: Undo, clause: &'static str) -> Row {
    Row {
        code,
        clause,
        step,
        undo,
    }
}

impl Row {
    pub(super) fn undo(&self, value: &[u8]) -> Vec<Vec<u8>> {
        let mut out = Out::default();
        match self.undo {
            Undo::Bytes(undo) => undo(value, &mut out),
            Undo::Text(undo) => {
                if let Ok(text) = str::from_utf8(value) {
                    undo(text, &mut out);
                }
            }
        }
        out.0
    }
}

/// Values that a row makes. An empty one is left out: only the rows that are about
/// empty values add it.
#[derive(Default)]
struct Out(Vec<Vec<u8>>);

impl Out {
    fn add(&mut self, value: impl Into<Vec<u8>>) {
        self.all([value]);
    }

    /// Adds the values of an option, an array or an iterator.
    fn all<T: Into<Vec<u8>>>(&mut self, values: impl IntoIterator<Item = T>) {
        let values = values.into_iter().map(Into::into);
        self.0.extend(values.filter(|value| !value.is_empty()));
    }

    /// Adds the text with everything replaced that `read` understands at the beginning
    /// of the rest.
    fn decoded(&mut self, text: &[u8], read: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>) {
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
        self.add(value);
    }
}

/// Which rows may follow a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// What was given is a wrapped or changed form of the right value. Any row but a
    /// guess may follow.
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
            Self::Given => next != Self::Guess,
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
        let clause = clause.into();
        Self { code, clause }
    }
}
