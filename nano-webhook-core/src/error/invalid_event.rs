use std::fmt;

/// Why a correctly signed body is not an event that a handler can use.
///
/// No variant carries a value from the body, so a log line made of it can not
/// be forged by one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum InvalidEvent {
    /// The body is not UTF-8.
    NotUtf8,
    /// The body is not one JSON text.
    NotJson {
        /// Where and why the parser stopped.
        problem: String,
    },
    /// The body is not a JSON object.
    NotAnObject,
    /// A field that a handler needs is not there, is `null` or is empty.
    MissingField {
        /// Its path.
        field: &'static str,
    },
    /// A field has a value of another type than documented.
    WrongType {
        /// Its path.
        field: &'static str,
        /// The documented type.
        expected: &'static str,
    },
    /// A field is there more than once, so two readers could see two events.
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
            Self::MissingField { field } => write!(f, "{field} is missing or empty"),
            Self::WrongType { field, expected } => write!(f, "{field} is not {expected}"),
            Self::RepeatedField { field } => write!(f, "{field} is there more than once"),
        }
    }
}

impl std::error::Error for InvalidEvent {}
