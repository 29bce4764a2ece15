use std::error::Error as StdError;
use std::fmt;

/// A mistake in how the client is set up. It never holds the key, nor the base
/// URL, which might have a password in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// The base URL cannot be used.
    InvalidBaseUrl {
        /// Why not.
        problem: &'static str,
    },
    /// The base URL is plain `http` to another host than this one: the key and
    /// the secrets would travel in the clear. See
    /// [`ClientBuilder::allow_plain_http`](crate::ClientBuilder::allow_plain_http).
    PlainHttp {
        /// That host.
        host: String,
    },
    /// The name of the authentication header is no header name.
    InvalidHeaderName {
        /// The name.
        name: String,
    },
    /// The key has a character that no header value can carry; often a newline
    /// that came along when it was copied.
    InvalidKey,
    /// A limit is zero where that would refuse everything.
    Zero {
        /// Which setting.
        setting: &'static str,
    },
    /// The HTTP client cannot be built, for example because there are no
    /// certificates to trust.
    Http {
        /// What it says.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidBaseUrl { problem } => write!(f, "the base URL {problem}"),
            Self::PlainHttp { host } => write!(
                f,
                "the base URL is plain http to {host}, which would send the key in the clear; \
                 use https, or allow plain http explicitly"
            ),
            Self::InvalidHeaderName { name } => {
                write!(f, "{name:?} is not the name of a header")
            }
            Self::InvalidKey => f.write_str(
                "the key has a character that a header cannot carry; is there a newline at its end?",
            ),
            Self::Zero { setting } => write!(f, "{setting} must not be zero"),
            Self::Http { .. } => f.write_str("the HTTP client cannot be built"),
        }
    }
}

impl StdError for BuildError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Http { source } => Some(&**source),
            _ => None,
        }
    }
}
