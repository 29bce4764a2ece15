use http::Uri;

use crate::http::port;

/// What two URLs of webhooks differ in, if they are nearly the same; nothing, if they
/// are the same. Equal URLs are those that `endpoints ensure` takes for equal.
pub(super) fn url_difference(one: &str, other: &str) -> Option<Vec<&'static str>> {
    if one == other {
        return Some(Vec::new());
    }
    let (one, other) = (Parts::of(one)?, Parts::of(other)?);
    let near_path = |path: &str| path.replace("//", "/").trim_end_matches('/').to_lowercase();
    let bare = |host: &str| {
        host.trim_start_matches("www.")
            .trim_end_matches('.')
            .to_owned()
    };
    if bare(&one.host) != bare(&other.host) || near_path(&one.path) != near_path(&other.path) {
        return None;
    }
    let slash = |path: &str| path.len() > 1 && path.ends_with('/');
    let differences = [
        (one.scheme != other.scheme, "the scheme"),
        (one.host != other.host, "the host"),
        (
            one.port != other.port && one.scheme == other.scheme,
            "the port",
        ),
        (slash(&one.path) != slash(&other.path), "a slash at the end"),
        (
            one.path.trim_end_matches('/') != other.path.trim_end_matches('/'),
            "the path's case or doubled slashes",
        ),
        (one.query != other.query, "the query"),
    ];
    let named = differences.into_iter().filter(|(differs, _)| *differs);
    Some(named.map(|(_, what)| what).collect())
}

struct Parts {
    scheme: String,
    host: String,
    port: u16,
    path: String,
    query: String,
}

impl Parts {
    fn of(text: &str) -> Option<Self> {
        let uri: Uri = text.trim().parse().ok()?;
        Some(Self {
            scheme: uri.scheme_str()?.to_ascii_lowercase(),
            host: uri.host()?.to_ascii_lowercase(),
            port: port(&uri),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::url_difference;

    #[test]
    #[rustfmt::skip]
    fn urls() {
        for (one, other, expected) in [
            ("https://a.com/hook", "HTTPS://A.com:443/hook", Some("")),
            ("https://a.com", "https://a.com/", Some("")),
            ("https://a.com/hook", "https://a.com/hook/", Some("a slash at the end")),
            ("https://a.com/hook", "http://a.com/hook", Some("the scheme")),
            ("https://a.com/hook", "https://www.a.com/hook", Some("the host")),
            ("https://a.com/hook", "https://a.com:8443/hook", Some("the port")),
            ("https://a.com/hook", "https://a.com/Hook", Some("the path's case or doubled slashes")),
            ("https://a.com/hook", "https://a.com//hook", Some("the path's case or doubled slashes")),
            ("https://a.com/hook", "https://a.com/hook?a=1", Some("the query")),
            ("https://a.com/hook", "http://a.com/hook/", Some("the scheme, a slash at the end")),
            ("https://a.com/hook", "https://a.com/other", None),
            ("https://a.com/hook", "https://b.com/hook", None),
            ("https://a.com/hook", "no url", None),
        ] {
            let found = url_difference(one, other).map(|names| names.join(", "));
            assert_eq!(found.as_deref(), expected, "{one} {other}");
        }
    }
}
