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
