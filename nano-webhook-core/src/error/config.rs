use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// An invalid setting. It is found when a receiver is built, never while a
/// request is served.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// The secret is empty, or holds nothing but white space, quotes and
    /// invisible characters. No mode accepts unsigned deliveries.
    EmptySecret,
    /// The environment variable of this name, for the secret, is not set.
    MissingVariable(String),
    /// The environment variable of this name, for the secret, is not Unicode text.
    VariableNotUnicode(String),
    /// The file with the secret cannot be read, or is not UTF-8 text.
    SecretFile {
        /// Its path.
        path: PathBuf,
        /// Why not.
        source: Arc<std::io::Error>,
    },
    /// This limit or duration is zero, which would reject every delivery.
    Zero(&'static str),
    /// A duration is too short to work with.
    TooShort {
        /// Which setting.
        setting: &'static str,
        /// The shortest that is accepted.
        least: Duration,
    },
    /// This setting is larger than what can be honoured.
    TooLarge(&'static str),
    /// The namespace of a deduplication is empty.
    EmptyNamespace,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptySecret => f.write_str(
                "the webhook secret is empty or blank; set it to the secret_key of the webhook",
            ),
            Self::MissingVariable(variable) => write!(
                f,
                "the environment variable {variable} is not set; set it to the secret_key of the webhook"
            ),
            Self::VariableNotUnicode(variable) => {
                write!(f, "the environment variable {variable} is not Unicode text")
            }
            Self::SecretFile { path, .. } => {
                write!(f, "the secret file {} cannot be read", path.display())
            }
            Self::Zero(setting) => {
                write!(f, "{setting} is zero, which would reject every delivery")
            }
            Self::TooShort { setting, least } => {
                write!(f, "{setting} is too short; set at least {least:?}")
            }
            Self::TooLarge(setting) => write!(f, "{setting} is too large"),
            Self::EmptyNamespace => f.write_str(
                "the namespace is empty; name the account, environment and endpoint, because services with one namespace on one store take each other's deliveries for duplicates",
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
