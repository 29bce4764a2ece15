use std::fmt;

/// What an operator should look at when a signature does not match.
///
/// A mismatch has no visible cause, and it is the failure that costs people
/// their afternoons. These clues come from the receiver's own settings and from
/// the shape of the body. They are for the log, never for the sender. The
/// command line tool's `verify` works the actual cause out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MismatchClues {
    /// How many secrets were tried.
    pub secrets: usize,
    /// A secret begins or ends with white space.
    pub padded_secret: bool,
    /// The number of bytes in the body.
    pub body_len: usize,
    /// The body has line breaks or ends in white space. The provider is
    /// documented to sign `JSON.stringify` text, which has neither.
    pub reformatted_body: bool,
}

impl fmt::Display for MismatchClues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            secrets,
            padded_secret,
            body_len,
            reformatted_body,
        } = *self;
        write!(f, "tried {secrets} secret(s) on {body_len} bytes. ")?;
        if body_len == 0 {
            return f.write_str("The body is empty: something read it before the verification");
        }
        if reformatted_body {
            f.write_str(
                "The body has line breaks or trailing white space: something on the way has probably re-formatted it. ",
            )?;
        }
        if padded_secret {
            f.write_str("A secret begins or ends with white space: was it copied along? ")?;
        }
        f.write_str(
            "Usual causes: the secret belongs to another webhook or environment, it was rotated and the previous one is not configured, or a proxy changed the body",
        )
    }
}
