//! Deliveries go to this machine, unless the user says otherwise: they are
//! signed with a real secret, and may come in thousands.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::exit::Failure;

/// A URL that deliveries may be posted to.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) url: Url,
    allow_remote: bool,
}

impl Target {
    pub(crate) fn parse(text: &str, allow_remote: bool) -> Result<Self, Failure> {
        let url = Url::parse(text).map_err(|_| {
            Failure::usage("the URL is not absolute; write it as in http://127.0.0.1:3000/webhook")
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Failure::usage("the URL is neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Failure::usage(
                "the URL has a user name or a password in it, which would show in lists of processes",
            ));
        }
        if !allow_remote && is_foreign_address(&url) {
            return Err(Failure::usage(not_this_machine(&url)));
        }
        Ok(Self { url, allow_remote })
    }

    /// Prepares an HTTP client that goes nowhere else: a name is judged by the
    /// addresses that it resolves to, and those are the ones that are connected
    /// to. No redirection is followed.
    pub(crate) fn client(&self) -> reqwest::ClientBuilder {
        let http = reqwest::Client::builder()
            .user_agent(concat!("nano-webhook-cli/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never());
        if self.allow_remote {
            http
        } else {
            http.no_proxy().dns_resolver(LoopbackResolver)
        }
    }

    /// Whether a request failed because the name is not this machine's.
    pub(crate) fn refusal(&self, error: &(dyn Error + 'static)) -> Option<Failure> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<NotLoopback>() {
                return Some(Failure::usage(not_this_machine(&self.url)));
            }
            cause = error.source();
        }
        None
    }
}

/// Whether a URL plainly names this machine: by a loopback address, or as
/// `localhost`, which is reserved for it (RFC 6761).
pub(crate) fn names_this_machine(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default();
    host == "localhost"
        || host.ends_with(".localhost")
        || bare(host)
            .parse()
            .is_ok_and(|address: IpAddr| is_loopback(address))
}

fn not_this_machine(url: &Url) -> String {
    format!(
        "{} is not this machine; give --allow-remote to send there all the same",
        url.host_str().unwrap_or_default()
    )
}

fn is_foreign_address(url: &Url) -> bool {
    bare(url.host_str().unwrap_or_default())
        .parse()
        .is_ok_and(|address: IpAddr| !is_loopback(address))
}

/// Without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

fn is_loopback(address: IpAddr) -> bool {
    // ::ffff:127.0.0.1 is 127.0.0.1.
    address.to_canonical().is_loopback()
}

struct LoopbackResolver;

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
struct NotLoopback;

impl fmt::Display for NotLoopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host is not this machine")
    }
}

impl Error for NotLoopback {}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn targets() {
        for (url, local, remote) in [
            ("http://127.0.0.1:3000/webhook", true, true),
            ("http://[::1]:3000/", true, true),
            ("http://[::ffff:127.0.0.1]/", true, true),
            // Judged when it is resolved.
            ("http://localhost:3000/", true, true),
            ("http://10.0.0.1/", false, true),
            ("http://[::]/", false, true),
            ("https://192.0.2.1/hook", false, true),
            ("http://0.0.0.0:3000/", false, true),
            ("127.0.0.1:3000", false, false),
            ("/webhook", false, false),
            ("ftp://127.0.0.1/", false, false),
            ("http://user:hunter2@127.0.0.1/", false, false),
        ] {
            for (allow_remote, expected) in [(false, local), (true, remote)] {
                let target = Target::parse(url, allow_remote);
                assert_eq!(target.is_ok(), expected, "{url} {allow_remote}");
                assert!(!format!("{:?}", target.err()).contains("hunter2"));
            }
        }
    }
}
