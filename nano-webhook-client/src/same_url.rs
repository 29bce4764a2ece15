use reqwest::Url;

/// Whether two texts name the same endpoint: equal after parsing as the WHATWG
/// URL standard does, so upper case in scheme and host, a default port and an
/// empty path make no difference. Texts that are no URLs are compared as they
/// are.
pub(crate) fn same_url(one: &str, other: &str) -> bool {
    one == other
        || matches!((Url::parse(one), Url::parse(other)), (Ok(one), Ok(other)) if one == other)
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
            ("https://a.com/./hook", "https://a.com/hook", true),
            ("https://a.com/hook", "https://a.com/hook/", false),
            ("https://a.com/hook", "https://a.com/Hook", false),
            ("https://a.com/hook?a=1", "https://a.com/hook", false),
            ("https://a.com/hook", "http://a.com/hook", false),
            ("https://a.com:8443/hook", "https://a.com/hook", false),
            ("not a url", "not a url", true),
            ("not a url", "not a Url", false),
        ] {
            assert_eq!(same_url(one, other), same, "{one} {other}");
        }
    }
}
