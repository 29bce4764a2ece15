use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use nano_webhook_core::Secret;
use zeroize::Zeroizing;

use crate::error::Error;

/// How the client authenticates, which the provider does not document.
///
/// `Debug` prints the name of the header, never its value.
#[derive(Debug)]
pub struct Auth(Option<(String, &'static str, Secret)>);

impl Auth {
    /// `Authorization: Bearer <key>`, the usual form.
    #[must_use]
    pub fn bearer(key: Secret) -> Self {
        Self(Some((AUTHORIZATION.to_string(), "Bearer ", key)))
    }

    /// Another header with the key as its value, for example `X-Api-Key`.
    pub fn header(name: impl Into<String>, key: Secret) -> Self {
        Self(Some((name.into(), "", key)))
    }

    /// No authentication, for a provider that runs on this machine.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    pub(crate) fn key(&self) -> Option<&Secret> {
        self.0.as_ref().map(|(_, _, key)| key)
    }

    pub(crate) fn to_header(&self) -> Result<Option<(HeaderName, HeaderValue)>, Error> {
        let Some((name, scheme, key)) = &self.0 else {
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
