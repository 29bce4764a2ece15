use std::fmt;

use axum::http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use nano_webhook_core::Secret;
use subtle::ConstantTimeEq as _;

/// Who may call the simulator.
pub(crate) enum Access {
    /// Everybody who can reach it.
    Open,
    /// `Authorization: Bearer <key>`.
    Bearer(Secret),
    /// A header with the key as its value.
    Header { name: HeaderName, key: Secret },
}

impl Access {
    pub(crate) fn allows(&self, headers: &HeaderMap) -> bool {
        match self {
            Self::Open => true,
            Self::Bearer(key) => {
                let credentials = only(headers, &AUTHORIZATION).and_then(bearer);
                credentials.is_some_and(|credentials| is_key(credentials, key))
            }
            Self::Header { name, key } => {
                only(headers, name).is_some_and(|value| is_key(value, key))
            }
        }
    }
}

fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then(|| first.as_bytes())
}

/// The scheme is not case-sensitive (RFC 9110, section 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, credentials) = value.split_at_checked("Bearer ".len())?;
    scheme
        .eq_ignore_ascii_case(b"Bearer ")
        .then_some(credentials)
}

fn is_key(value: &[u8], key: &Secret) -> bool {
    value.ct_eq(key.expose().as_bytes()).into()
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("Open"),
            Self::Bearer(_) => f.write_str("Bearer(..)"),
            Self::Header { name, .. } => write!(f, "Header({name:?}, ..)"),
        }
    }
}
