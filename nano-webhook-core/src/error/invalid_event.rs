use std::fmt;
use std::sync::Arc;

/// Why a correctly signed body is not an event that a handler can use.
///
/// No variant carries a value from the body, so a body cannot forge a
/// log line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum InvalidEvent {
    /// The body is not UTF-8.
    NotUtf8,
    /// The body is not one JSON text.
    NotJson {
        /// Where and why the parser stopped.
        problem: Arc<str>,
    },
    /// The body is not a JSON object.
    NotAnObject,
    /// A field that a handler needs is missing, `null`, empty, or cannot be read.
    MissingField {
        /// Its path.
        field: &'static str,
    },
    /// A field is given more than once: two parsers could choose different values.
    RepeatedField {
        /// Its path.
        field: &'static str,
    },
}

impl fmt::Display for InvalidEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("the body is not UTF-8"),
            Self::NotJson { problem } => write!(f, "the body is not JSON: {problem}"),
            Self::NotAnObject => f.write_str("the body is not a JSON object"),
            Self::MissingField { field } => write!(f, "{field} is missing, empty or unreadable"),
            Self::RepeatedField { field } => write!(f, "{field} is given more than once"),
        }
    }
}

impl std::error::Error for InvalidEvent {}
