use std::fmt;

use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use nano_webhook_core::Secret;
use zeroize::Zeroizing;

use crate::build_error::BuildError;

/// How the client authenticates.
///
/// The provider does not document it. [`bearer`](Self::bearer) is the usual form;
/// [`header`](Self::header) is for another header.
///
/// `Debug` prints the name of the header, never its value.
pub struct Auth(Form);

enum Form {
    None,
    Bearer(Secret),
    Header { name: String, value: Secret },
}

impl Auth {
    /// `Authorization: Bearer <key>`.
    #[must_use]
    pub fn bearer(key: Secret) -> Self {
        Self(Form::Bearer(key))
    }

    /// Another header with the key as its value, for example `X-Api-Key`.
    pub fn header(name: impl Into<String>, key: Secret) -> Self {
        Self(Form::Header {
            name: name.into(),
            value: key,
        })
    }

    /// No authentication, for a provider that runs on this machine.
    #[must_use]
    pub fn none() -> Self {
        Self(Form::None)
    }

    pub(crate) fn key(&self) -> Option<&Secret> {
        match &self.0 {
            Form::None => None,
            Form::Bearer(key) | Form::Header { value: key, .. } => Some(key),
        }
    }

    pub(crate) fn to_header(&self) -> Result<Option<(HeaderName, HeaderValue)>, BuildError> {
        let (name, value) = match &self.0 {
            Form::None => return Ok(None),
            Form::Bearer(key) => (
                AUTHORIZATION,
                Zeroizing::new(format!("Bearer {}", key.expose())),
            ),
            Form::Header { name, value } => (
                name.parse()
                    .map_err(|_| BuildError::InvalidHeaderName { name: name.clone() })?,
                Zeroizing::new(value.expose().to_owned()),
            ),
        };
        let mut value = HeaderValue::from_str(&value).map_err(|_| BuildError::InvalidKey)?;
        // Keeps it out of Debug and of HTTP/2's header compression.
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::None => f.write_str("Auth::none()"),
            Form::Bearer(_) => f.write_str("Auth::bearer(..)"),
            Form::Header { name, .. } => write!(f, "Auth::header({name:?}, ..)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Auth;
    use nano_webhook_core::Secret;

    #[test]
    fn headers_are_marked_as_sensitive() {
        let key = || Secret::new("hunter2").unwrap();
        for (auth, name, value) in [
            (Auth::bearer(key()), "authorization", "Bearer hunter2"),
            (Auth::header("X-Api-Key", key()), "x-api-key", "hunter2"),
        ] {
            let (found, header) = auth.to_header().unwrap().unwrap();
            assert_eq!((found.as_str(), header.to_str().unwrap()), (name, value));
            assert!(header.is_sensitive());
            assert!(!format!("{header:?}").contains("hunter2"));
        }
        assert!(Auth::none().to_header().unwrap().is_none());
    }
}
