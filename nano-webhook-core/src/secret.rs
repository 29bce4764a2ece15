use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::error::ConfigError;

/// Secrets with fewer bytes can be guessed.
const SHORT: usize = 16;

/// The `secret_key` that was given to the provider when the webhook was
/// created. Its text, as UTF-8, is the HMAC key.
///
/// A secret is never empty, and never blank: white space, quotes and invisible
/// characters (control characters, a byte order mark, zero-width characters)
/// alone are the remains of a variable that was not set, and anyone could sign
/// with them. It prints as `Secret(..)`, cannot be serialised, and its memory is
/// overwritten when the last clone is dropped. Copies that the caller or the
/// environment keeps are out of reach.
///
/// ```
/// use nano_webhook_core::Secret;
///
/// let secret = Secret::new("a-long-random-string-from-a-vault")?;
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// assert!(Secret::new("\"\"").is_err());
/// # Ok::<(), nano_webhook_core::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// A secret from its text, taken exactly as it is: no trimming.
    ///
    /// # Errors
    /// [`ConfigError::EmptySecret`] if the text is empty or blank.
    pub fn new(text: impl Into<String>) -> Result<Self, ConfigError> {
        let text = Zeroizing::new(text.into());
        match text.chars().all(is_decoration) {
            true => Err(ConfigError::EmptySecret),
            false => Ok(Self(Arc::new(text))),
        }
    }

    /// A secret from an environment variable, taken exactly as it is.
    ///
    /// # Errors
    /// [`ConfigError::MissingVariable`] if it is not set,
    /// [`ConfigError::VariableNotUnicode`] if it is not Unicode (the error does
    /// not keep the value), [`ConfigError::EmptySecret`] if it is empty or blank.
    pub fn from_env(variable: &str) -> Result<Self, ConfigError> {
        use std::env::VarError;

        // VarError::NotUnicode prints the value, so it must not become a source.
        match std::env::var(variable) {
            Ok(text) => Self::new(text),
            Err(VarError::NotPresent) => Err(ConfigError::MissingVariable(variable.to_owned())),
            Err(VarError::NotUnicode(_)) => {
                Err(ConfigError::VariableNotUnicode(variable.to_owned()))
            }
        }
    }

    /// A secret from a file, as container platforms mount them. One trailing
    /// newline (`\n` or `\r\n`) is dropped, because editors and `echo` add it.
    ///
    /// # Errors
    /// [`ConfigError::SecretFile`] if the file cannot be read or is not UTF-8,
    /// [`ConfigError::EmptySecret`] if it is empty or blank.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let unreadable = |source| ConfigError::SecretFile {
            path: path.to_owned(),
            source: Arc::new(source),
        };
        let bytes = Zeroizing::new(std::fs::read(path).map_err(unreadable)?);
        let not_utf8 = |_| unreadable(io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"));
        let text = std::str::from_utf8(&bytes).map_err(not_utf8)?;
        let line = text.strip_suffix('\n');
        Self::new(line.map_or(text, |line| line.strip_suffix('\r').unwrap_or(line)))
    }

    /// The secret itself, to send it to the provider.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What looks wrong about this secret. A verifier logs each as a warning; none
    /// makes a secret unusable.
    pub fn warnings(&self) -> impl Iterator<Item = SecretWarning> + use<> {
        let text = self.expose();
        let short = text.len() < SHORT;
        let placeholder = text.contains("${") && text.contains('}');
        [
            short.then_some(SecretWarning::Short),
            self.is_decorated().then_some(SecretWarning::Decorated),
            placeholder.then_some(SecretWarning::Placeholder),
        ]
        .into_iter()
        .flatten()
    }

    pub(crate) fn is_decorated(&self) -> bool {
        self.0.starts_with(is_decoration) || self.0.ends_with(is_decoration)
    }
}

/// White space, quotes and characters that do not show.
fn is_decoration(char: char) -> bool {
    char.is_whitespace()
        || char.is_control()
        || matches!(char, '"' | '\'' | '`')
        || matches!(char, '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}')
        || matches!(
            char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{3164}'
        )
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(char, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
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
    /// White space, a quote or an invisible character at its beginning or end.
    Decorated,
    /// A `${…}` that was not replaced by its value.
    Placeholder,
}

impl fmt::Display for SecretWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "the secret has fewer than 16 bytes and could be guessed",
            Self::Decorated => {
                "the secret begins or ends with white space, a quote or an invisible character, which is part of the key; check how it was copied"
            }
            Self::Placeholder => {
                "the secret contains ${…}; check that the variable in it was replaced by its value"
            }
        })
    }
}
