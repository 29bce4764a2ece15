use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A mistake in how the receiver is set up. It is found when the receiver is
/// built, never while a request is served.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// The secret is empty. There is no mode that accepts unsigned deliveries.
    EmptySecret,
    /// The environment variable that should hold the secret is not set.
    MissingVariable {
        /// Its name.
        variable: String,
    },
    /// The environment variable is set, but not to Unicode text.
    VariableNotUnicode {
        /// Its name.
        variable: String,
    },
    /// The file that should hold the secret cannot be read.
    SecretFile {
        /// Its path.
        path: PathBuf,
        /// Why not.
        source: Arc<std::io::Error>,
    },
    /// The file that should hold the secret is not UTF-8 text.
    SecretFileNotUtf8 {
        /// Its path.
        path: PathBuf,
    },
    /// A limit or a duration is zero where that would refuse everything.
    Zero {
        /// Which setting.
        setting: &'static str,
    },
    /// A setting is larger than what can be honoured.
    TooLarge {
        /// Which setting.
        setting: &'static str,
    },
    /// The namespace of a deduplication store is empty.
    EmptyNamespace,
    /// Completed deliveries would be forgotten while they can still be
    /// replayed.
    RetentionTooShort {
        /// How long completions would be remembered.
        retention: Duration,
        /// For how long a signed delivery can be accepted: the tolerance window, the
        /// time that a body may take, and a minute for clocks that differ.
        window: Duration,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptySecret => f.write_str(
                "the webhook secret is empty; set it to the secret_key that the webhook was created with",
            ),
            Self::MissingVariable { variable } => write!(
                f,
                "the environment variable {variable} is not set; set it to the secret_key that the webhook was created with"
            ),
            Self::VariableNotUnicode { variable } => {
                write!(f, "the environment variable {variable} is not Unicode text")
            }
            Self::SecretFile { path, .. } => {
                write!(f, "the secret file {} cannot be read", path.display())
            }
            Self::SecretFileNotUtf8 { path } => {
                write!(f, "the secret file {} is not UTF-8 text", path.display())
            }
            Self::Zero { setting } => {
                write!(f, "{setting} is zero, so every delivery would be refused")
            }
            Self::TooLarge { setting } => write!(f, "{setting} is too large"),
            Self::EmptyNamespace => f.write_str(
                "the namespace is empty; name the account, environment and endpoint, so that services on one store do not swallow each other's deliveries",
            ),
            Self::RetentionTooShort { retention, window } => write!(
                f,
                "the retention of {retention:?} is shorter than the {window:?} for which a signed delivery can be accepted, so a replay could be handled twice"
            ),
        }
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::SecretFile { source, .. } => Some(source),
            _ => None,
        }
    }
}
