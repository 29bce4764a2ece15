//! Where secrets, API keys and other files come from. No option takes a secret's
//! text: command lines are visible in the shell's history and in process lists.

mod fresh;
mod input;

use std::path::{Path, PathBuf};

use clap::Args;
use nano_webhook_core::{ConfigError, Secret, SecretWarning};
use zeroize::Zeroizing;

pub(crate) use self::fresh::Fresh;
pub(crate) use self::input::{Input, write_new};
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// Where the signing secret comes from.
#[derive(Args, Debug)]
#[command(next_help_heading = "Secret")]
pub(crate) struct SecretSource {
    /// Read the secret from this file, or from standard input if it is `-`. One
    /// newline at its end is dropped, nothing else
    #[arg(long, value_name = "PATH", conflicts_with = "secret_env")]
    pub(crate) secret_file: Option<PathBuf>,

    /// Read the secret from this environment variable, exactly as it is
    #[arg(long, value_name = "NAME", default_value = "NANO_WEBHOOK_SECRET")]
    pub(crate) secret_env: String,
}

impl SecretSource {
    /// The secret. What looks wrong about it is a warning.
    pub(crate) fn load(&self, input: &mut Input, output: &Output) -> Result<Secret, Failure> {
        let secret = match &self.secret_file {
            Some(path) => from_file("--secret-file", path, input)?,
            None => self.variable()?,
        };
        for warning in secret.warnings() {
            output.warn(warning);
        }
        Ok(secret)
    }

    /// The secret as it was given, also if it is not UTF-8, for a command that says
    /// what is wrong with it.
    pub(crate) fn read(&self, input: &mut Input) -> Result<Given, Failure> {
        match &self.secret_file {
            Some(path) => Given::from_file("--secret-file", path, input),
            None => self.variable().map(Given::from),
        }
    }

    fn variable(&self) -> Result<Secret, Failure> {
        from_env(&self.secret_env, "--secret-file PATH or --secret-env NAME")
    }
}

/// A secret, and the bytes that it was read from.
pub(crate) struct Given {
    pub(crate) secret: Secret,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

impl From<Secret> for Given {
    fn from(secret: Secret) -> Self {
        let bytes = Zeroizing::new(secret.expose().as_bytes().to_vec());
        Self { secret, bytes }
    }
}

impl Given {
    /// No receiver starts with a file that is not UTF-8, so the secret of such a file
    /// is one that verifies nothing.
    pub(crate) fn from_file(
        option: &'static str,
        path: &Path,
        input: &mut Input,
    ) -> Result<Self, Failure> {
        let content = input.read(option, path)?;
        let bytes = Zeroizing::new(without_newline(&content).to_vec());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let secret = Secret::new(text).map_err(|error| unusable(option, &error))?;
        Ok(Self { secret, bytes })
    }
}

/// Where the key of the management API comes from.
#[derive(Args, Debug)]
#[command(next_help_heading = "Authentication")]
pub(crate) struct ApiKey {
    /// Read the API key from this file, or from standard input if it is `-`. One
    /// newline at its end is dropped
    #[arg(long, value_name = "PATH", conflicts_with = "api_key_env")]
    api_key_file: Option<PathBuf>,

    /// Read the API key from this environment variable [default:
    /// NANO_WEBHOOK_API_KEY, if it is set]
    #[arg(long, value_name = "NAME")]
    api_key_env: Option<String>,

    /// Send the key in this header, instead of as Authorization: Bearer
    #[arg(long, value_name = "NAME")]
    pub(crate) auth_header: Option<String>,
}

const API_KEY: &str = "NANO_WEBHOOK_API_KEY";

impl ApiKey {
    /// The key that the options name.
    pub(crate) fn named(
        &self,
        input: &mut Input,
        output: &Output,
    ) -> Result<Option<Secret>, Failure> {
        let key = match (&self.api_key_file, &self.api_key_env) {
            (Some(path), _) => from_file("--api-key-file", path, input)?,
            (None, Some(variable)) => from_env(variable, "--api-key-file PATH")?,
            (None, None) => return Ok(None),
        };
        warn_of_key(&key, output);
        Ok(Some(key))
    }

    /// The key that the options name, or the one in the usual variable.
    pub(crate) fn find(
        &self,
        input: &mut Input,
        output: &Output,
    ) -> Result<Option<Secret>, Failure> {
        let is_set = std::env::var_os(API_KEY).is_some_and(|value| !value.is_empty());
        match self.named(input, output)? {
            None if is_set => {
                let key = from_env(API_KEY, "--api-key-file PATH")?;
                warn_of_key(&key, output);
                Ok(Some(key))
            }
            named => Ok(named),
        }
    }

    pub(crate) fn missing() -> Failure {
        Failure::usage(format!(
            "no API key: set {API_KEY}, or use --api-key-file PATH or --api-key-env NAME"
        ))
    }
}

/// How long a key is, is the provider's choice.
fn warn_of_key(key: &Secret, output: &Output) {
    let warnings = key
        .warnings()
        .filter(|warning| *warning != SecretWarning::Short);
    for warning in warnings {
        output.warn(format_args!("API key: {warning}"));
    }
}

fn from_env(variable: &str, instead: &str) -> Result<Secret, Failure> {
    Secret::from_env(variable).map_err(|error| match error {
        ConfigError::MissingVariable { .. } => Failure::usage(format!(
            "no secret: the environment variable {variable} is not set; set it, or use {instead}"
        )),
        ConfigError::EmptySecret => Failure::usage(format!(
            "no secret: the environment variable {variable} is empty, or has only white space, quotes or invisible characters; set it, or use {instead}"
        )),
        other => Failure::because(Exit::Usage, &other),
    })
}

/// A secret from a file, or from standard input if the path is `-`.
pub(crate) fn from_file(
    option: &'static str,
    path: &Path,
    input: &mut Input,
) -> Result<Secret, Failure> {
    let content = input.read(option, path)?;
    let text = std::str::from_utf8(without_newline(&content)).map_err(|_| {
        let utf16 = content.contains(&0) || content.starts_with(b"\xff\xfe");
        let instead = if utf16 {
            "; it is UTF-16, as PowerShell writes files"
        } else {
            ""
        };
        Failure::usage(format!("{option}: the secret is not UTF-8 text{instead}"))
    })?;
    Secret::new(text).map_err(|error| unusable(option, &error))
}

fn unusable(option: &str, error: &ConfigError) -> Failure {
    match error {
        ConfigError::EmptySecret => Failure::usage(format!(
            "{option}: the secret is empty, or has only white space, quotes or invisible characters"
        )),
        other => Failure::because(Exit::Usage, other),
    }
}

/// Without one newline at its end, which editors and `echo` add.
fn without_newline(text: &[u8]) -> &[u8] {
    let line = text.strip_suffix(b"\n");
    line.map_or(text, |line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::without_newline;

    #[test]
    fn one_newline_goes() {
        for (text, line) in [
            ("a", "a"),
            ("a\n", "a"),
            ("a\r\n", "a"),
            ("a\n\n", "a\n"),
            ("a\r", "a\r"),
            (" a \n", " a "),
        ] {
            assert_eq!(without_newline(text.as_bytes()), line.as_bytes());
        }
    }
}
