use std::error::Error;
use std::fmt;

use super::MAX_DEPTH;

/// Why a body has no re-serialised text. Offsets are in bytes from the start of
/// the body.
///
/// It holds nothing of the body itself, so it can be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReserializeError {
    /// The body is not UTF-8; the bytes before `offset` are.
    NotUtf8 {
        /// Where the first byte that is not part of a character stands.
        offset: usize,
    },
    /// `JSON.parse` refuses the body too.
    InvalidJson {
        /// Where the first byte that no JSON document has there stands; the
        /// body's length if it ends too early.
        offset: usize,
    },
    /// A `\u` escape of one half of a surrogate pair without the other.
    LoneSurrogate {
        /// Where the escape's backslash stands.
        offset: usize,
    },
    /// Arrays and objects are nested more than 128 deep.
    TooDeep {
        /// Where the bracket that is one too many stands.
        offset: usize,
    },
    /// The text would be longer than the caller allows, or the body has 4 GiB
    /// or more.
    TooLarge,
}

impl fmt::Display for ReserializeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 { offset } => write!(f, "the body is not UTF-8 at byte {offset}"),
            Self::InvalidJson { offset } => write!(f, "the body is not JSON at byte {offset}"),
            Self::LoneSurrogate { offset } => {
                write!(f, "half a surrogate pair is escaped at byte {offset}")
            }
            Self::TooDeep { offset } => write!(
                f,
                "arrays and objects are nested more than {MAX_DEPTH} deep at byte {offset}"
            ),
            Self::TooLarge => f.write_str("the re-serialised text is too large"),
        }
    }
}

impl Error for ReserializeError {}
