//! Where deliveries may go.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Whether a URL names an address that is not this machine's. A name is judged
/// when it is resolved, by [`LoopbackResolver`]: what a name says proves
/// nothing.
pub(crate) fn is_foreign_address(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    (bare.unwrap_or(host).parse::<IpAddr>()).is_ok_and(|address| !is_loopback(address))
}

fn is_loopback(address: IpAddr) -> bool {
    // ::ffff:127.0.0.1 is 127.0.0.1.
    address.to_canonical().is_loopback()
}

/// Resolves names, and refuses one that has an address elsewhere. The addresses
/// that were judged are the ones that are connected to.
pub(crate) struct LoopbackResolver;

impl Resolve for LoopbackResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if addresses.iter().all(|address| is_loopback(address.ip())) {
                Ok(Box::new(addresses.into_iter()) as Addrs)
            } else {
                Err(NotLoopback.into())
            }
        })
    }
}

/// A name has an address that is not this machine's.
#[derive(Debug)]
pub(crate) struct NotLoopback;

impl NotLoopback {
    pub(crate) fn caused(error: &(dyn Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<Self>() {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

impl fmt::Display for NotLoopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host is not this machine")
    }
}

impl Error for NotLoopback {}

#[cfg(test)]
mod tests {
    use super::{LoopbackResolver, NotLoopback, is_foreign_address};
    use reqwest::Url;
    use reqwest::dns::{Name, Resolve, Resolving};

    #[test]
    fn addresses() {
        for (host, foreign) in [
            ("127.0.0.1", false),
            ("127.255.0.1", false),
            // The URL standard reads these as 127.0.0.1.
            ("0x7f.1", false),
            ("2130706433", false),
            ("[::1]", false),
            ("[::ffff:127.0.0.1]", false),
            ("0.0.0.0", true),
            ("[::]", true),
            ("10.0.0.1", true),
            ("169.254.169.254", true),
            ("[::ffff:10.0.0.1]", true),
            ("128.0.0.1", true),
            // Left to the resolver.
            ("localhost", false),
            ("example.com", false),
        ] {
            let url = Url::parse(&format!("http://{host}:3000/hook")).unwrap();
            assert_eq!(is_foreign_address(&url), foreign, "{host}");
        }
    }

    #[tokio::test]
    async fn names() {
        let mut local = LoopbackResolver
            .resolve("localhost".parse().unwrap())
            .await
            .unwrap();
        assert!(local.all(|address| address.ip().is_loopback()));
        // An address is the one name that resolves alike on every machine.
        let Err(error) = LoopbackResolver.resolve("192.0.2.1".parse().unwrap()).await else {
            panic!("it must be refused");
        };
        assert!(NotLoopback::caused(&*error));
    }

    /// The reason must survive the way through the HTTP client.
    #[tokio::test]
    async fn the_cause_of_a_failed_request() {
        struct Refuse;
        impl Resolve for Refuse {
            fn resolve(&self, _: Name) -> Resolving {
                Box::pin(async { Err(NotLoopback.into()) })
            }
        }
        let http = reqwest::Client::builder().no_proxy().dns_resolver(Refuse);
        let request = http.build().unwrap().get("http://receiver.test/");
        assert!(NotLoopback::caused(&request.send().await.unwrap_err()));
    }
}
