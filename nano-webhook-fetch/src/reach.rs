use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::{fmt, io};

use crate::address::{is_loopback, is_public};

/// The addresses that a client may connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reach {
    /// Addresses of this machine: `127.0.0.0/8` and `::1`.
    Loopback,
    /// Addresses on the public internet: none that is private, link-local,
    /// shared, reserved, multicast, for documentation, or translated to one of
    /// these.
    Public,
    /// Every address.
    Anywhere,
}

impl Reach {
    /// Whether this address is within the reach.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Loopback => is_loopback(address),
            Self::Public => is_public(address),
            Self::Anywhere => true,
        }
    }

    /// Judges the host of a URL as far as possible without a lookup: an address,
    /// with or without the brackets of IPv6. A name passes, because only
    /// [`resolve`](Self::resolve) tells where it leads.
    ///
    /// # Errors
    /// [`ReachError::NotAllowed`] if the host is an address outside the reach.
    pub fn check(self, host: &str) -> Result<(), ReachError> {
        self.judge(host, literal(host).as_slice())
    }

    /// Resolves a host and judges every address. Connect to the returned
    /// addresses, and do not resolve the name again.
    ///
    /// # Errors
    /// [`ReachError::NotAllowed`] if one address is outside the reach,
    /// [`ReachError::Lookup`] if the name has no address.
    pub async fn resolve(self, host: &str, port: u16) -> Result<Vec<SocketAddr>, ReachError> {
        let failed = |source| ReachError::Lookup {
            host: host.to_owned(),
            source,
        };
        let lookup = tokio::net::lookup_host((bare(host), port)).await;
        let found: Vec<_> = lookup.map_err(failed)?.collect();
        let addresses: Vec<_> = found.iter().map(SocketAddr::ip).collect();
        self.judge(host, &addresses).map(|()| found)
    }

    fn judge(self, host: &str, addresses: &[IpAddr]) -> Result<(), ReachError> {
        match addresses.iter().all(|address| self.allows(*address)) {
            true => Ok(()),
            false => Err(ReachError::NotAllowed {
                host: host.to_owned(),
                reach: self,
            }),
        }
    }
}

/// Whether a host names this machine without a lookup: a loopback address,
/// `localhost`, or a name under it (RFC 6761, section 6.3).
#[must_use]
pub fn names_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || literal(host).is_some_and(is_loopback)
}

fn literal(host: &str) -> Option<IpAddr> {
    bare(host).parse().ok()
}

fn bare(host: &str) -> &str {
    let bracketed = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    bracketed.unwrap_or(host)
}

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
        let mut sources = std::iter::successors(Some(error), |&error| error.source());
        sources.find_map(|error| error.downcast_ref())
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

#[cfg(test)]
#[tokio::test]
async fn hosts() {
    // Host, whether it names this machine, allowed by Loopback and by Public.
    for (host, named, loopback, public) in [
        ("127.0.0.1", true, true, false),
        ("[::1]", true, true, false),
        ("::ffff:127.0.0.1", true, true, false),
        ("LocalHost", true, true, false),
        // Forms that the resolver reads as 127.0.0.1.
        ("127.1", false, true, false),
        ("2130706433", false, true, false),
        ("0.0.0.0", false, false, false),
        ("169.254.169.254", false, false, false),
        ("[2606:4700::1111]", false, false, true),
    ] {
        assert_eq!(names_loopback(host), named, "{host}");
        let reaches = [
            (Reach::Loopback, loopback),
            (Reach::Public, public),
            (Reach::Anywhere, true),
        ];
        for (reach, allowed) in reaches {
            match reach.resolve(host, 81).await {
                Ok(found) => assert!(allowed && found.iter().all(|it| it.port() == 81)),
                Err(ReachError::NotAllowed { .. }) => assert!(!allowed, "{host}"),
                Err(error) => panic!("{host}: {error}"),
            }
        }
    }
    for host in ["localhost.", "api.localhost"] {
        assert!(names_loopback(host), "{host}");
    }
    for host in ["", "localhost.a.com", "notlocalhost"] {
        assert!(!names_loopback(host), "{host}");
    }
    let error = Reach::Anywhere.resolve("", 81).await.unwrap_err();
    assert!(matches!(error, ReachError::Lookup { .. }), "{error}");
}
