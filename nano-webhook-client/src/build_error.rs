use std::error::Error as StdError;
use std::fmt;

/// A [`Client`](crate::Client) cannot be built with these settings. The error never
/// contains the key, or the base URL, which might contain a password.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// The base URL cannot be used.
    InvalidBaseUrl {
        /// Why not.
        problem: &'static str,
    },
    /// The base URL is plain `http` to another machine, which would send the key
    /// and the secrets unencrypted. See
    /// [`ClientBuilder::allow_plain_http`](crate::ClientBuilder::allow_plain_http).
    PlainHttp {
        /// That machine.
        host: String,
    },
    /// The base URL is `https`, and the feature `tls` is not enabled.
    TlsDisabled,
    /// The name of the authentication header is not a header name.
    InvalidHeaderName {
        /// The name.
        name: String,
    },
    /// The key contains a character that a header cannot carry, often a newline
    /// that was copied with it.
    InvalidKey,
    /// A setting is zero that must not be.
    Zero {
        /// Which one.
        setting: &'static str,
    },
    /// TLS or the proxy cannot be set up, for example because no trusted
    /// certificates are installed.
    Http {
        /// The cause.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidBaseUrl { problem } => write!(f, "the base URL {problem}"),
            Self::PlainHttp { host } => write!(
                f,
                "the base URL is plain http to {host}, which would send the key unencrypted; \
                 use https, or allow plain http explicitly"
            ),
            Self::TlsDisabled => f.write_str(
                "the base URL is https, but nano-webhook-client was compiled without TLS; \
                 enable its feature `tls`",
            ),
            Self::InvalidHeaderName { name } => {
                write!(f, "{name:?} is not the name of a header")
            }
            Self::InvalidKey => f.write_str(
                "the key contains a character that a header cannot carry; remove a newline at its end",
            ),
            Self::Zero { setting } => write!(f, "{setting} must not be zero"),
            Self::Http { .. } => f.write_str("TLS or the proxy cannot be set up"),
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
