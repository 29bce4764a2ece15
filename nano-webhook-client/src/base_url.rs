use reqwest::Url;
use std::net::{IpAddr, Ipv6Addr};

use crate::build_error::BuildError;
use crate::operation::Operation;

const PATH: &str = "/api/v1/webhooks";

/// Where the provider is, without the path of the API.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    /// Without a slash at its end.
    text: String,
    is_loopback: bool,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str, plain_http: bool) -> Result<Self, BuildError> {
        let invalid = |problem| BuildError::InvalidBaseUrl { problem };
        let url = Url::parse(text).map_err(|_| invalid("is not an absolute URL"))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(invalid("is neither https nor http"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid(
                "has a user name or a password in it; give the key as Auth",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("has a query or a fragment"));
        }
        let path = url.path().trim_end_matches('/');
        if path.ends_with("/api/v1") || path.ends_with(PATH) {
            return Err(invalid("ends with the path of the API; leave that out"));
        }
        let host = url.host_str().unwrap_or_default();
        let is_loopback = is_loopback(host);
        if url.scheme() == "http" && !is_loopback && !plain_http {
            return Err(BuildError::PlainHttp {
                host: host.to_owned(),
            });
        }
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            is_loopback,
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    pub(crate) fn of(&self, operation: &Operation) -> String {
        match operation {
            Operation::List | Operation::Create => format!("{}{PATH}", self.text),
            // An id is made of characters that a path carries as they are.
            Operation::Delete(id) => format!("{}{PATH}/{id}", self.text),
        }
    }
}

/// `localhost` and what is under it (RFC 6761, section 6.3), and the addresses
/// of the loopback interface.
fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let bare = (host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']')))
    .unwrap_or(host);
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
    use crate::operation::Operation;

    #[test]
    fn accepted() {
        for (text, list, loopback) in [
            ("https://a.com", "https://a.com/api/v1/webhooks", false),
            ("https://a.com/", "https://a.com/api/v1/webhooks", false),
            (
                "https://a.com/x//",
                "https://a.com/x/api/v1/webhooks",
                false,
            ),
            (
                "http://127.0.0.1:81",
                "http://127.0.0.1:81/api/v1/webhooks",
                true,
            ),
            ("http://127.9.9.9", "http://127.9.9.9/api/v1/webhooks", true),
            ("http://[::1]:81", "http://[::1]:81/api/v1/webhooks", true),
            (
                "http://LOCALHOST:81",
                "http://localhost:81/api/v1/webhooks",
                true,
            ),
            (
                "http://api.localhost",
                "http://api.localhost/api/v1/webhooks",
                true,
            ),
        ] {
            let base = BaseUrl::parse(text, false).unwrap();
            assert_eq!(base.of(&Operation::List), list);
            assert_eq!(base.is_loopback(), loopback, "{text}");
        }
        let base = BaseUrl::parse("http://a.com", true).unwrap();
        let delete = Operation::Delete("wh_7".parse().unwrap());
        assert_eq!(base.of(&delete), "http://a.com/api/v1/webhooks/wh_7");
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "a.com",
            "/api",
            "ftp://a.com",
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
        for text in [
            "http://a.com",
            "http://localhost.a.com",
            "http://0.0.0.0",
            "http://10.0.0.1",
        ] {
            let error = BaseUrl::parse(text, false).unwrap_err();
            assert!(matches!(error, BuildError::PlainHttp { .. }), "{text}");
        }
    }
}
