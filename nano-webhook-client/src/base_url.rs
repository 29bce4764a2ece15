use std::net::{IpAddr, Ipv6Addr};

use http::Uri;

use crate::build_error::BuildError;
use crate::id::WebhookId;
use crate::same_url::same_url;

const PATH: &str = "/api/v1/webhooks";

/// Where the provider is, without the path of the API.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    /// Without a slash at its end.
    text: String,
    webhooks: Uri,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str, plain_http: bool) -> Result<Self, BuildError> {
        let invalid = |problem| BuildError::InvalidBaseUrl { problem };
        if text.contains(['?', '#']) {
            return Err(invalid("has a query or a fragment"));
        }
        let not_absolute = || invalid("is not an absolute URL");
        let url: Uri = text.parse().map_err(|_| not_absolute())?;
        let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else {
            return Err(not_absolute());
        };
        if !matches!(scheme, "https" | "http") {
            return Err(invalid("is neither https nor http"));
        }
        if authority.as_str().contains('@') {
            return Err(invalid(
                "has a user name or a password in it; give the key as Auth",
            ));
        }
        let port = authority
            .as_str()
            .strip_prefix(url.host().unwrap_or_default());
        let port = port.and_then(|port| port.strip_prefix(':'));
        if port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(not_absolute());
        }
        let path = url.path().trim_end_matches('/');
        if path.ends_with("/api/v1") || path.ends_with(PATH) {
            return Err(invalid("ends with the path of the API; leave that out"));
        }
        let host = url.host().unwrap_or_default().to_ascii_lowercase();
        if scheme == "http" && !is_loopback(&host) && !plain_http {
            return Err(BuildError::PlainHttp { host });
        }
        let authority = authority.as_str().to_ascii_lowercase();
        let text = format!("{scheme}://{authority}{path}");
        let webhooks = format!("{text}{PATH}")
            .parse()
            .map_err(|_| not_absolute())?;
        Ok(Self { text, webhooks })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    pub(crate) fn webhooks(&self) -> Uri {
        self.webhooks.clone()
    }

    pub(crate) fn webhook(&self, id: &WebhookId) -> Option<Uri> {
        // An id consists of characters that a path carries unescaped.
        format!("{}/{id}", self.webhooks).parse().ok()
    }

    /// The next page of the list, if the link can only mean that: the same
    /// origin and path with another query. The key is sent nowhere else.
    pub(crate) fn page(&self, link: &str) -> Option<Uri> {
        let link = match link.as_bytes().first()? {
            b'?' => format!("{}{link}", self.webhooks),
            b'/' => {
                let origin = self.webhooks.to_string();
                format!("{}{link}", origin.strip_suffix(self.webhooks.path())?)
            }
            _ => link.to_owned(),
        };
        let (address, _) = link.split_once('?')?;
        let page = same_url(address, &self.webhooks.to_string());
        page.then(|| link.parse().ok()).flatten()
    }
}

/// `localhost` and the names under it (RFC 6761, section 6.3), and the addresses
/// of the loopback interface.
fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name.ends_with(".localhost")
        || (bare.parse::<Ipv6Addr>().map(IpAddr::V6))
            .or_else(|_| bare.parse())
            .is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::BaseUrl;
    use crate::build_error::BuildError;

    #[test]
    fn accepted() {
        for (text, base) in [
            ("https://a.com", "https://a.com"),
            ("https://a.com/x//", "https://a.com/x"),
            ("http://127.0.0.1:81", "http://127.0.0.1:81"),
            ("http://127.9.9.9", "http://127.9.9.9"),
            ("http://[::1]:81/", "http://[::1]:81"),
            ("HTTP://LOCALHOST:81", "http://localhost:81"),
            ("http://api.localhost.", "http://api.localhost."),
        ] {
            let found = BaseUrl::parse(text, false).unwrap();
            assert_eq!(found.as_str(), base);
            assert_eq!(found.webhooks(), *format!("{base}/api/v1/webhooks"));
        }
        let base = BaseUrl::parse("http://a.com", true).unwrap();
        let id = "wh_7".parse().unwrap();
        assert_eq!(
            base.webhook(&id).unwrap(),
            "http://a.com/api/v1/webhooks/wh_7"
        );
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "a.com",
            "/api",
            "ftp://a.com",
            "https://a.com:not-a-port",
            "https://a.com:65536",
            "https://user:hunter2@a.com",
            "https://hunter2@a.com",
            "https://a.com?key=hunter2",
            "https://a.com/#hunter2",
            "https://a.com/api/v1",
            "https://a.com/api/v1/webhooks/",
        ] {
            let error = BaseUrl::parse(text, true).unwrap_err();
            assert!(matches!(error, BuildError::InvalidBaseUrl { .. }), "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
        for host in ["a.com", "localhost.a.com", "0.0.0.0", "10.0.0.1"] {
            let error = BaseUrl::parse(&format!("http://{host}"), false).unwrap_err();
            assert!(matches!(error, BuildError::PlainHttp { host: found } if found == host));
        }
    }

    #[test]
    fn links_to_the_next_page() {
        let base = BaseUrl::parse("https://a.com/x", false).unwrap();
        for (link, query) in [
            ("?page=2", Some("page=2")),
            ("/x/api/v1/webhooks?page=2&a=b", Some("page=2&a=b")),
            ("https://A.com:443/x/api/v1/webhooks?c=%20", Some("c=%20")),
            ("https://a.com/x/api/v1/webhooks", None),
            ("https://a.com/api/v1/webhooks?page=2", None),
            ("http://a.com/x/api/v1/webhooks?page=2", None),
            ("https://b.com/x/api/v1/webhooks?page=2", None),
            ("https://a.com@b.com/x/api/v1/webhooks?page=2", None),
            ("//b.com/x/api/v1/webhooks?page=2", None),
            ("2", None),
            ("", None),
        ] {
            let page = base.page(link);
            let found = page.as_ref().map(|page| page.query().unwrap());
            assert_eq!(found, query, "{link}");
        }
    }
}
