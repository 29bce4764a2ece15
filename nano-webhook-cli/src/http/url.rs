use http::Uri;

use crate::exit::Failure;

/// An absolute http or https URL without a user name.
pub(super) fn parse(text: &str) -> Result<Uri, Failure> {
    let absolute =
        || Failure::usage("the URL is not absolute; write it as in http://127.0.0.1:3000/webhook");
    let url: Uri = text.parse().map_err(|_| absolute())?;
    match url.scheme_str() {
        None => return Err(absolute()),
        Some("http" | "https") => {}
        Some(_) => return Err(Failure::usage("the URL is neither http nor https")),
    }
    let authority = url.authority().map_or("", |authority| authority.as_str());
    if authority.contains('@') {
        return Err(Failure::usage(
            "the URL has a user name or a password in it, which would show in lists of processes",
        ));
    }
    Ok(url)
}

pub(crate) fn port(url: &Uri) -> u16 {
    let is_https = url.scheme_str() == Some("https");
    url.port_u16().unwrap_or(if is_https { 443 } else { 80 })
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use std::time::Duration;

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
                let target = Target::new(url, allow_remote, Duration::from_secs(1), 1);
                assert_eq!(target.is_ok(), expected, "{url} {allow_remote}");
                assert!(!format!("{:?}", target.err()).contains("hunter2"));
            }
        }
    }
}
