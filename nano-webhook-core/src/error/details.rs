use std::fmt;
use std::sync::Arc;

/// Why a correctly signed body is not an event that a handler can use.
///
/// No variant carries a value from the body, so a body cannot forge a
/// log line.
#[derive(Clone, Debug)]
pub(crate) enum InvalidEvent {
    NotUtf8,
    /// Where and why the parser stopped.
    NotJson(Arc<str>),
    NotAnObject,
    /// The path of a field that a handler needs: missing, `null`, empty, or unreadable.
    MissingField(&'static str),
    /// The path of a field that is given more than once: two parsers could choose
    /// different values.
    RepeatedField(&'static str),
}

impl fmt::Display for InvalidEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("the body is not UTF-8"),
            Self::NotJson(problem) => write!(f, "the body is not JSON: {problem}"),
            Self::NotAnObject => f.write_str("the body is not a JSON object"),
            Self::MissingField(field) => write!(f, "{field} is missing, empty or unreadable"),
            Self::RepeatedField(field) => write!(f, "{field} is given more than once"),
        }
    }
}

impl std::error::Error for InvalidEvent {}

/// What an operator should look at when no secret matches: taken from the
/// receiver's own settings and the shape of the body. The companion command's
/// `verify` finds the actual cause.
#[derive(Clone, Copy)]
pub(crate) struct MismatchClues {
    pub(crate) secrets: usize,
    pub(crate) decorated_secret: bool,
    pub(crate) body_len: usize,
    /// The body has line breaks or ends in white space. The provider signs
    /// `JSON.stringify` text, which has neither.
    pub(crate) reformatted_body: bool,
}

impl fmt::Display for MismatchClues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "tried {} secret(s) on {} bytes. ",
            self.secrets, self.body_len
        )?;
        if self.body_len == 0 {
            return f.write_str("The body is empty: it was read before the verification");
        }
        if self.reformatted_body {
            f.write_str(
                "The body has line breaks or trailing white space: a proxy has probably re-formatted it. ",
            )?;
        }
        if self.decorated_secret {
            f.write_str(
                "A secret begins or ends with white space, quotes or invisible characters: check how it was copied. ",
            )?;
        }
        f.write_str(
            "Usual causes: the secret belongs to another webhook or environment, it was rotated and the previous one is not configured, or a proxy changed the body",
        )
    }
}
