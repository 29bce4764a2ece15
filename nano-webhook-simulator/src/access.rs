use std::net::IpAddr;

use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName};
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
    /// Every caller with a key.
    Key(Key),
}

/// A header and the value that callers have to send in it.
#[derive(Debug)]
pub(crate) struct Key {
    name: HeaderName,
    /// `Bearer ` or empty.
    scheme: &'static str,
    key: Secret,
}

impl Key {
    pub(crate) fn bearer(key: Secret) -> Self {
        let (name, scheme) = (AUTHORIZATION, "Bearer ");
        Self { name, scheme, key }
    }

    pub(crate) fn header(name: HeaderName, key: Secret) -> Self {
        let scheme = "";
        Self { name, scheme, key }
    }

    fn is_sent(&self, headers: &HeaderMap) -> bool {
        let value = only(headers, &self.name).unwrap_or_default();
        let Some((scheme, key)) = value.split_at_checked(self.scheme.len()) else {
            return false;
        };
        // The scheme is not case-sensitive (RFC 9110, section 11.1).
        scheme.eq_ignore_ascii_case(self.scheme.as_bytes())
            && bool::from(key.ct_eq(self.key.expose().as_bytes()))
    }
}

impl Access {
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
        match self {
            Self::Open if !is_local(headers) => Err((
                StatusCode::MISDIRECTED_REQUEST,
                "the Host header must be an IP address or localhost; \
                 other names are accepted if the simulator requires a key",
            )),
            Self::Key(key) if !key.is_sent(headers) => {
                Err((StatusCode::UNAUTHORIZED, "the key is missing or wrong"))
            }
            _ => Ok(()),
        }
    }
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
