use std::net::{IpAddr, SocketAddr};

use http::Uri;
use nano_webhook_fetch::{UrlError, http_url, names_loopback};

use crate::exit::Failure;

pub(super) fn parse(text: &str) -> Result<Uri, Failure> {
    http_url(text).map_err(|problem| {
        let hint = match problem {
            UrlError::NotAbsolute => "; write it as in http://127.0.0.1:3000/webhook",
            UrlError::UserName => ", which would show in lists of processes",
            _ => "",
        };
        Failure::usage(format!("the URL {problem}{hint}"))
    })
}

pub(crate) fn port(url: &Uri) -> u16 {
    let is_https = url.scheme_str() == Some("https");
    url.port_u16().unwrap_or(if is_https { 443 } else { 80 })
}

/// Whether the URL names this listening address, as far as that can be told without a
/// lookup.
pub(crate) fn leads_to(url: &Uri, listening: SocketAddr) -> bool {
    let host = url.host().unwrap_or_default();
    let ip = listening.ip();
    port(url) == listening.port()
        && match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(host) if ip.is_unspecified() => host.is_loopback(),
            Ok(host) => host == ip,
            Err(_) => (ip.is_loopback() || ip.is_unspecified()) && names_loopback(host),
        }
}

#[cfg(test)]
#[test]
fn where_a_url_leads() {
    for (url, listening, expected) in [
        ("http://127.0.0.1:80/", "127.0.0.1:80", true),
        ("http://localhost/hook", "127.0.0.1:80", true),
        ("http://[::1]:80", "[::1]:80", true),
        ("http://127.0.0.2:80/", "0.0.0.0:80", true),
        ("http://127.0.0.2:80/", "127.0.0.1:80", false),
        ("http://localhost:81/", "127.0.0.1:80", false),
        ("http://192.0.2.1:80/", "0.0.0.0:80", false),
        ("http://example.com/", "0.0.0.0:80", false),
    ] {
        let (uri, at) = (url.parse().unwrap(), listening.parse().unwrap());
        assert_eq!(leads_to(&uri, at), expected, "{url} {listening}");
    }
}
