use std::io;
use std::net::{IpAddr, SocketAddr};

use crate::address::{is_loopback, is_public};
use crate::error::ReachError;

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
        match literal(host) {
            Some(address) if !self.allows(address) => Err(self.refusal(host)),
            _ => Ok(()),
        }
    }

    /// Resolves a host and judges every address. Connect to the returned
    /// addresses, and do not resolve the name again.
    ///
    /// # Errors
    /// [`ReachError::NotAllowed`] if one address is outside the reach,
    /// [`ReachError::Lookup`] if the name has no address.
    pub async fn resolve(self, host: &str, port: u16) -> Result<Vec<SocketAddr>, ReachError> {
        if let Some(address) = literal(host) {
            self.check(host)?;
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let failed = |source| ReachError::Lookup {
            host: host.to_owned(),
            source,
        };
        let addresses: Vec<_> = (tokio::net::lookup_host((host, port)).await)
            .map_err(failed)?
            .collect();
        if addresses.is_empty() {
            return Err(failed(io::ErrorKind::NotFound.into()));
        }
        if addresses.iter().all(|address| self.allows(address.ip())) {
            Ok(addresses)
        } else {
            Err(self.refusal(host))
        }
    }

    fn refusal(self, host: &str) -> ReachError {
        ReachError::NotAllowed {
            host: host.to_owned(),
            reach: self,
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
    let bracketed = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    bracketed.unwrap_or(host).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Reach, names_loopback};
    use crate::error::ReachError;

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
            for (reach, allowed) in [
                (Reach::Loopback, loopback),
                (Reach::Public, public),
                (Reach::Anywhere, true),
            ] {
                match reach.resolve(host, 81).await {
                    Ok(found) => assert!(allowed && found.iter().all(|it| it.port() == 81)),
                    Err(ReachError::NotAllowed { .. }) => assert!(!allowed, "{host}"),
                    Err(error) => panic!("{host}: {error}"),
                }
            }
        }
        for (host, named) in [
            ("localhost.", true),
            ("api.localhost", true),
            ("", false),
            ("localhost.a.com", false),
            ("notlocalhost", false),
        ] {
            assert_eq!(names_loopback(host), named, "{host}");
        }
        let error = Reach::Anywhere.resolve("", 81).await.unwrap_err();
        assert!(matches!(error, ReachError::Lookup { .. }), "{error}");
    }
}
