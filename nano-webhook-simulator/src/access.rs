use std::net::IpAddr;

use axum::http::StatusCode;
use axum::http::header::{HOST, HeaderMap, HeaderName};
use axum::http::uri::Authority;
use nano_webhook_core::Secret;
use nano_webhook_fetch::names_loopback;
use subtle::ConstantTimeEq as _;

/// Who may call the simulator.
#[derive(Debug)]
pub(crate) enum Access {
    /// Every caller who names the simulator by an address or as `localhost`.
    ///
    /// A web page can make its own name resolve to this machine (DNS rebinding).
    /// The browser then sends that name as `Host`.
    Open,
    /// Every caller who sends the key in this header.
    Key {
        name: HeaderName,
        /// `Bearer ` or empty.
        scheme: &'static str,
        key: Secret,
    },
}

impl Access {
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
        match self {
            Self::Open if !is_local(headers) => Err((
                StatusCode::MISDIRECTED_REQUEST,
                "the Host header must be an IP address or localhost; \
                 other names are accepted if the simulator requires a key",
            )),
            Self::Key { name, scheme, key } if !is_sent(headers, name, scheme, key) => {
                Err((StatusCode::UNAUTHORIZED, "the key is missing or wrong"))
            }
            _ => Ok(()),
        }
    }
}

fn is_sent(headers: &HeaderMap, name: &HeaderName, scheme: &str, key: &Secret) -> bool {
    let value = only(headers, name).unwrap_or_default();
    let Some((start, rest)) = value.split_at_checked(scheme.len()) else {
        return false;
    };
    // The scheme is not case-sensitive (RFC 9110, section 11.1).
    start.eq_ignore_ascii_case(scheme.as_bytes()) && bool::from(rest.ct_eq(key.expose().as_bytes()))
}

/// An address in `Host` is the one that the browser connected to.
fn is_local(headers: &HeaderMap) -> bool {
    let authority = only(headers, &HOST).and_then(|host| Authority::try_from(host).ok());
    authority.is_some_and(|authority| {
        let host = authority.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        names_loopback(host) || bare.parse::<IpAddr>().is_ok()
    })
}

fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then(|| first.as_bytes())
}
