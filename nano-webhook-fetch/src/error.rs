use std::error::Error;
use std::{fmt, io};

use crate::reach::Reach;

/// A host that cannot be connected to.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReachError {
    /// An address of the host is outside the reach.
    NotAllowed {
        /// The host as it was given.
        host: String,
        /// The reach it was judged by.
        reach: Reach,
    },
    /// The name could not be resolved.
    Lookup {
        /// The host as it was given.
        host: String,
        /// Error of the resolver.
        source: io::Error,
    },
    /// The URL is https, and the feature `tls` is off.
    TlsDisabled,
}

impl ReachError {
    /// The `ReachError` among an error and its sources, if one is. HTTP clients
    /// wrap the errors of their connectors.
    #[must_use]
    pub fn find<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        let sources = std::iter::successors(Some(error), |&error| error.source());
        sources.into_iter().find_map(|error| error.downcast_ref())
    }
}

impl fmt::Display for ReachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed { host, reach } => match reach {
                Reach::Loopback => write!(f, "{host} is not this machine"),
                _ => write!(f, "{host} is not a public address"),
            },
            Self::Lookup { host, .. } => write!(f, "{host} cannot be resolved"),
            Self::TlsDisabled => f.write_str("https is not supported in this build"),
        }
    }
}

impl Error for ReachError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Lookup { source, .. } => Some(source),
            _ => None,
        }
    }
}
