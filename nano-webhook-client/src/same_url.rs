use http::Uri;

/// Whether two texts name the same endpoint: the case of scheme and host, a
/// default port and an empty path make no difference. Texts that are not URLs are
/// compared byte by byte.
pub(crate) fn same_url(one: &str, other: &str) -> bool {
    one == other || normalised(one).is_some_and(|one| normalised(other) == Some(one))
}

fn normalised(text: &str) -> Option<String> {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let uri: Uri = text.parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let authority = uri.authority()?.as_str();
    let (user, address) = authority.rsplit_once('@').unwrap_or(("", authority));
    let default = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let address = address.strip_suffix(default).unwrap_or(address);
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let address = address.to_ascii_lowercase();
    Some(format!("{scheme}://{user}@{address}{target}#{fragment}"))
}

#[cfg(test)]
mod tests {
    use super::same_url;

    #[test]
    fn urls() {
        for (one, other, same) in [
            ("https://a.com/hook", "https://a.com/hook", true),
            ("https://a.com", "https://a.com/", true),
            ("HTTPS://A.com:443/hook", "https://a.com/hook", true),
            ("http://[::1]:80/", "http://[::1]", true),
            ("https://a.com:80/hook", "https://a.com/hook", false),
            ("https://a.com/hook", "https://a.com/hook/", false),
            ("https://a.com/hook", "https://a.com/Hook", false),
            ("https://a.com/hook?a=1", "https://a.com/hook", false),
            ("https://a.com/hook#a", "https://a.com/hook", false),
            ("https://u@a.com/hook", "https://a.com/hook", false),
            ("https://a.com/hook", "http://a.com/hook", false),
            ("https://a.com:8443/hook", "https://a.com/hook", false),
            ("not a url", "not a url", true),
            ("not a url", "not a Url", false),
        ] {
            assert_eq!(same_url(one, other), same, "{one} {other}");
        }
    }
}
