//! What people do to a signature without meaning to, as tables: each row undoes
//! one mistake, and the search tries whether the signature is right then.

mod base64;
mod body;
mod message;
mod secret;
mod signature;

pub(super) use base64::decode as decode_base64;
pub(super) use body::BODIES;
pub(super) use message::{Layout, MESSAGES, SignedTime};
pub(super) use secret::SECRETS;
pub(super) use signature::Presented;

/// A row: one mistake, and what would be right if it was made.
pub(super) struct Cause<F> {
    /// Stable, for scripts.
    pub(super) code: &'static str,
    /// What is wrong and what to do, as part of a sentence.
    pub(super) clause: &'static str,
    /// Everything that could be right instead.
    pub(super) candidates: F,
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

impl<F> From<&Cause<F>> for Fault {
    fn from(cause: &Cause<F>) -> Self {
        Self::new(cause.code, cause.clause)
    }
}
