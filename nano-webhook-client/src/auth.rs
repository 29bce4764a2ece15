use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use nano_webhook_core::Secret;
use zeroize::Zeroizing;

use crate::error::Error;

/// How the client authenticates, which the provider does not document.
///
/// `Debug` prints the name of the header, never its value.
#[derive(Debug)]
pub struct Auth(Option<Header>);

#[derive(Debug)]
struct Header {
    name: String,
    /// `Bearer ` or empty.
    scheme: &'static str,
    key: Secret,
}

impl Auth {
    /// `Authorization: Bearer <key>`, the usual form.
    #[must_use]
    pub fn bearer(key: Secret) -> Self {
        let (name, scheme) = (AUTHORIZATION.to_string(), "Bearer ");
        Self(Some(Header { name, scheme, key }))
    }

    /// Another header with the key as its value, for example `X-Api-Key`.
    pub fn header(name: impl Into<String>, key: Secret) -> Self {
        let (name, scheme) = (name.into(), "");
        Self(Some(Header { name, scheme, key }))
    }

    /// No authentication, for a provider that runs on this machine.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    pub(crate) fn key(&self) -> Option<&Secret> {
        self.0.as_ref().map(|header| &header.key)
    }

    pub(crate) fn to_header(&self) -> Result<Option<(HeaderName, HeaderValue)>, Error> {
        let Some(Header { name, scheme, key }) = &self.0 else {
            return Ok(None);
        };
        let no_name = |_| Error::invalid(format!("{name:?} is not the name of a header"));
        let name = name.parse().map_err(no_name)?;
        let value = Zeroizing::new(format!("{scheme}{}", key.expose()));
        let mut value = HeaderValue::from_str(&value).map_err(|_| {
            Error::invalid("a header cannot carry the key; remove a newline at its end")
        })?;
        // Keeps it out of Debug.
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }
}
