use std::error::Error;
use std::fmt;

use http::Uri;

/// Reads an absolute `http` or `https` URL with a host and without a user name.
///
/// # Errors
/// [`UrlError`], which never contains the text: that may contain a password.
pub fn http_url(text: &str) -> Result<Uri, UrlError> {
    let url: Uri = text.parse().map_err(|_| UrlError::NotAbsolute)?;
    let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else {
        return Err(UrlError::NotAbsolute);
    };
    if !matches!(scheme, "http" | "https") {
        return Err(UrlError::NotHttp);
    }
    if authority.as_str().contains('@') {
        return Err(UrlError::UserName);
    }
    // `Uri` accepts a port beyond 65535 and then has none.
    let has_port = authority.as_str().len() > authority.host().len();
    if authority.host().is_empty() || (has_port && authority.port_u16().is_none()) {
        return Err(UrlError::NotAbsolute);
    }
    Ok(url)
}

/// What is wrong with a URL. Its text follows the name of the URL: "the base URL
/// is not an absolute URL".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// It has no scheme or no host, or cannot be read.
    NotAbsolute,
    /// Its scheme is neither `http` nor `https`.
    NotHttp,
    /// It contains a user name or a password.
    UserName,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "is not an absolute URL",
            Self::NotHttp => "is neither http nor https",
            Self::UserName => "has a user name or a password in it",
        })
    }
}

impl Error for UrlError {}

#[cfg(test)]
#[test]
fn urls() {
    for (text, expected) in [
        ("http://127.0.0.1:3000/webhook?a=b", None),
        ("HTTPS://[::1]", None),
        ("https://a.com:65535", None),
        ("", Some(UrlError::NotAbsolute)),
        ("a.com", Some(UrlError::NotAbsolute)),
        ("127.0.0.1:3000", Some(UrlError::NotAbsolute)),
        ("/webhook", Some(UrlError::NotAbsolute)),
        ("http://", Some(UrlError::NotAbsolute)),
        ("http://:80/", Some(UrlError::NotAbsolute)),
        ("http://a.com:65536/", Some(UrlError::NotAbsolute)),
        ("http://a.com:/", Some(UrlError::NotAbsolute)),
        ("http://a.com:b/", Some(UrlError::NotAbsolute)),
        ("http://a b/", Some(UrlError::NotAbsolute)),
        ("ftp://a.com/", Some(UrlError::NotHttp)),
        ("http://user:hunter2@a.com/", Some(UrlError::UserName)),
        ("http://@a.com/", Some(UrlError::UserName)),
    ] {
        assert_eq!(http_url(text).err(), expected, "{text}");
    }
}
