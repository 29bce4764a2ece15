use http::Uri;
use nano_webhook_fetch::{UrlError, http_url};

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
