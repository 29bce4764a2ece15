use std::path::{Path, PathBuf};

use clap::Args;
use nano_webhook_core::{ConfigError, Secret};

use crate::exit::{Exit, Failure};
use crate::input::Input;
use crate::output::Output;

/// Where the signing secret comes from. There is no option that takes its text:
/// command lines end up in the shell's history and in the list of processes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Secret")]
pub(crate) struct SecretSource {
    /// Read the secret from this file, or from standard input if it is `-`. One
    /// newline at its end is dropped, nothing else
    #[arg(long, value_name = "PATH", conflicts_with = "secret_env")]
    secret_file: Option<PathBuf>,

    /// Read the secret from this environment variable, exactly as it is
    #[arg(long, value_name = "NAME", default_value = "NANO_WEBHOOK_SECRET")]
    secret_env: String,
}

impl SecretSource {
    pub(crate) fn load(&self, input: &mut Input, output: &Output) -> Result<Secret, Failure> {
        let secret = self.read(input)?;
        for warning in secret.warnings() {
            output.warn(warning);
        }
        Ok(secret)
    }

    /// Without warnings, for a command that judges the secret itself.
    pub(crate) fn read(&self, input: &mut Input) -> Result<Secret, Failure> {
        match &self.secret_file {
            Some(path) => from_file("--secret-file", path, input),
            None => from_env(&self.secret_env, "--secret-file PATH or --secret-env NAME"),
        }
    }
}

/// A secret from an environment variable.
pub(crate) fn from_env(variable: &str, instead: &str) -> Result<Secret, Failure> {
    Secret::from_env(variable).map_err(|error| match error {
        ConfigError::MissingVariable { .. } => Failure::usage(format!(
            "no secret: the environment variable {variable} is not set; set it, or use {instead}"
        )),
        ConfigError::EmptySecret => Failure::usage(format!(
            "no secret: the environment variable {variable} is empty; set it, or use {instead}"
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
    let text = std::str::from_utf8(&content)
        .map_err(|_| Failure::usage(format!("{option}: the secret is not UTF-8 text")))?;
    Secret::new(without_newline(text))
        .map_err(|_| Failure::usage(format!("{option}: the secret is empty")))
}

/// Without one newline at its end, which editors and `echo` add.
fn without_newline(text: &str) -> &str {
    match text.strip_suffix('\n') {
        Some(line) => line.strip_suffix('\r').unwrap_or(line),
        None => text,
    }
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
            assert_eq!(without_newline(text), line);
        }
    }
}
