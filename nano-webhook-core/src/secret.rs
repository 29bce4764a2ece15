use std::fmt;

use zeroize::Zeroizing;

use crate::error::ConfigError;

/// Fewer bytes than this can be guessed with enough machines and patience.
const SHORT: usize = 16;

/// The `secret_key` that was given to the provider when the webhook was
/// created. Its text, as UTF-8, is the HMAC key.
///
/// It is never empty: an unset variable must not become an empty key that
/// anybody can sign with (D10). It is not `Clone`, not serialisable, prints as
/// `Secret(..)`, and its memory is overwritten when it is dropped. That is best
/// effort: a copy that the caller, the environment or a moved value leaves
/// behind is out of reach.
///
/// ```
/// use nano_webhook_core::Secret;
///
/// let secret = Secret::new("a-long-random-string-from-a-vault")?;
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// assert!(Secret::new("").is_err());
/// # Ok::<(), nano_webhook_core::ConfigError>(())
/// ```
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A secret from its text, taken exactly as it is: no trimming.
    ///
    /// # Errors
    /// [`ConfigError::EmptySecret`] if the text is empty.
    pub fn new(text: impl Into<String>) -> Result<Self, ConfigError> {
        let text = Zeroizing::new(text.into());
        if text.is_empty() {
            return Err(ConfigError::EmptySecret);
        }
        Ok(Self(text))
    }

    /// A secret from an environment variable, taken exactly as it is.
    ///
    /// # Errors
    /// [`ConfigError::MissingVariable`] if it is not set,
    /// [`ConfigError::VariableNotUnicode`] if it is not Unicode (the error does
    /// not keep the value), [`ConfigError::EmptySecret`] if it is empty, or
    /// nothing but white space.
    #[cfg(feature = "secret-sources")]
    pub fn from_env(variable: &str) -> Result<Self, ConfigError> {
        use std::env::VarError;

        // VarError::NotUnicode prints the value, so it must not become a source.
        match std::env::var(variable) {
            Ok(text) => Self::new(not_blank(&Zeroizing::new(text))?),
            Err(VarError::NotPresent) => Err(ConfigError::MissingVariable {
                variable: variable.to_owned(),
            }),
            Err(VarError::NotUnicode(_)) => Err(ConfigError::VariableNotUnicode {
                variable: variable.to_owned(),
            }),
        }
    }

    /// A secret from a file, as container platforms mount them. One trailing
    /// newline (`\n` or `\r\n`) is dropped, because editors and `echo` add it;
    /// nothing else is.
    ///
    /// # Errors
    /// [`ConfigError::SecretFile`] if the file cannot be read,
    /// [`ConfigError::SecretFileNotUtf8`] if it is not UTF-8,
    /// [`ConfigError::EmptySecret`] if nothing is in it but white space.
    #[cfg(feature = "secret-sources")]
    pub fn from_file(path: impl AsRef<std::path::Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let bytes =
            Zeroizing::new(
                std::fs::read(path).map_err(|source| ConfigError::SecretFile {
                    path: path.to_owned(),
                    source: std::sync::Arc::new(source),
                })?,
            );
        let text = std::str::from_utf8(&bytes).map_err(|_| ConfigError::SecretFileNotUtf8 {
            path: path.to_owned(),
        })?;
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = match line.len() < text.len() {
            true => line.strip_suffix('\r').unwrap_or(line),
            false => line,
        };
        Self::new(not_blank(line)?)
    }

    /// The secret itself, for the one who has to send it to the provider.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is suspicious about this secret. A verifier logs each as a warning
    /// when it is built; neither makes a secret unusable (D10).
    pub fn warnings(&self) -> impl Iterator<Item = SecretWarning> + use<> {
        let short = (self.0.len() < SHORT).then_some(SecretWarning::Short);
        let padded = (self.0.trim().len() != self.0.len()).then_some(SecretWarning::Padded);
        short.into_iter().chain(padded)
    }
}

/// A blank is what a script leaves of a variable that was not set: everybody
/// could sign with it.
#[cfg(feature = "secret-sources")]
fn not_blank(text: &str) -> Result<&str, ConfigError> {
    match text.trim().is_empty() {
        true => Err(ConfigError::EmptySecret),
        false => Ok(text),
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Something about a [`Secret`] that an operator should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretWarning {
    /// Fewer than 16 bytes.
    Short,
    /// White space at its beginning or end: often a newline that came along
    /// when it was copied.
    Padded,
}

impl fmt::Display for SecretWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "the secret has fewer than 16 bytes and could be guessed",
            Self::Padded => {
                "the secret begins or ends with white space, which is part of the key; \
                 often it was copied along by mistake"
            }
        })
    }
}
