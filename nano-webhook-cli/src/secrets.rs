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
use crate::exit::Failure;
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
    pub(crate) fn load(&self, input: &mut Input, output: &Output) -> Result<Given, Failure> {
        let given = self.read(input)?.utf8()?;
        for warning in given.secret.warnings() {
            output.warn(warning);
        }
        Ok(given)
    }

    /// The secret as it was given, also if it is not UTF-8, for a command that says
    /// what is wrong with it.
    pub(crate) fn read(&self, input: &mut Input) -> Result<Given, Failure> {
        match &self.secret_file {
            Some(path) => Given::read("--secret-file", path, input),
            None => Given::from_env(&self.secret_env, "--secret-file PATH or --secret-env NAME"),
        }
    }
}

/// A secret, the bytes that it was read from, and the option or the variable.
pub(crate) struct Given {
    pub(crate) secret: Secret,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    from: String,
}

impl Given {
    /// From a file, or from standard input if the path is `-`. If it is not UTF-8, no
    /// receiver starts with it, and the secret is one that verifies nothing.
    pub(crate) fn read(
        option: &'static str,
        path: &Path,
        input: &mut Input,
    ) -> Result<Self, Failure> {
        let content = input.read(option, path)?;
        let bytes = Zeroizing::new(without_newline(&content).to_vec());
        let secret = Secret::new(String::from_utf8_lossy(&bytes)).map_err(|error| match error {
            ConfigError::EmptySecret => Failure::usage(format!(
                "{option}: the secret is empty, or has only white space, quotes or invisible characters"
            )),
            other => other.into(),
        })?;
        let from = option.to_owned();
        Ok(Self {
            secret,
            bytes,
            from,
        })
    }

    fn from_env(variable: &str, instead: &str) -> Result<Self, Failure> {
        let secret = Secret::from_env(variable).map_err(|error| {
            let what = match error {
                ConfigError::MissingVariable { .. } => "not set",
                ConfigError::EmptySecret => {
                    "empty, or has only white space, quotes or invisible characters"
                }
                other => return other.into(),
            };
            Failure::usage(format!(
                "no secret: the environment variable {variable} is {what}; set it, or use {instead}"
            ))
        })?;
        let bytes = Zeroizing::new(secret.expose().as_bytes().to_vec());
        let from = variable.to_owned();
        Ok(Self {
            secret,
            bytes,
            from,
        })
    }

    pub(crate) fn utf8(self) -> Result<Self, Failure> {
        if *self.bytes == self.secret.expose().as_bytes() {
            return Ok(self);
        }
        let is_utf16 = self.bytes.contains(&0) || self.bytes.starts_with(b"\xff\xfe");
        let hint = match is_utf16 {
            true => "; it is UTF-16, as PowerShell writes files",
            false => "",
        };
        let from = self.from;
        Err(Failure::usage(format!(
            "{from}: the secret is not UTF-8 text{hint}"
        )))
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
        self.read(self.api_key_env.as_deref(), input, output)
    }

    /// The key that the options name, or the one in the usual variable.
    pub(crate) fn find(
        &self,
        input: &mut Input,
        output: &Output,
    ) -> Result<Option<Secret>, Failure> {
        let is_set = std::env::var_os(API_KEY).is_some_and(|value| !value.is_empty());
        let usual = is_set.then_some(API_KEY);
        self.read(self.api_key_env.as_deref().or(usual), input, output)
    }

    fn read(
        &self,
        variable: Option<&str>,
        input: &mut Input,
        output: &Output,
    ) -> Result<Option<Secret>, Failure> {
        let key = match (&self.api_key_file, variable) {
            (Some(path), _) => Given::read("--api-key-file", path, input)?.utf8()?.secret,
            (None, Some(variable)) => Given::from_env(variable, "--api-key-file PATH")?.secret,
            (None, None) => return Ok(None),
        };
        // How long a key is, is the provider's choice.
        let warnings = key.warnings();
        for warning in warnings.filter(|warning| *warning != SecretWarning::Short) {
            output.warn(format_args!("API key: {warning}"));
        }
        Ok(Some(key))
    }

    pub(crate) fn missing() -> Failure {
        Failure::usage(format!(
            "no API key: set {API_KEY}, or use --api-key-file PATH or --api-key-env NAME"
        ))
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
