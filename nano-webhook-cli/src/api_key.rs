use std::path::PathBuf;

use clap::Args;
use nano_webhook_core::Secret;

use crate::exit::Failure;
use crate::input::Input;
use crate::secret_source::{from_env, from_file};

const VARIABLE: &str = "NANO_WEBHOOK_API_KEY";

/// Where the key of the management API comes from. As with secrets, no option
/// takes its text.
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

impl ApiKey {
    /// The key that the options name.
    pub(crate) fn named(&self, input: &mut Input) -> Result<Option<Secret>, Failure> {
        match (&self.api_key_file, &self.api_key_env) {
            (Some(path), _) => from_file("--api-key-file", path, input).map(Some),
            (None, Some(variable)) => from_env(variable, "--api-key-file PATH").map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The key that the options name, or the one in the usual variable.
    pub(crate) fn find(&self, input: &mut Input) -> Result<Option<Secret>, Failure> {
        match self.named(input)? {
            Some(key) => Ok(Some(key)),
            None if std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty()) => {
                from_env(VARIABLE, "--api-key-file PATH").map(Some)
            }
            None => Ok(None),
        }
    }

    /// What to say when there is none.
    pub(crate) fn missing() -> Failure {
        Failure::usage(format!(
            "no API key: set {VARIABLE}, or use --api-key-file PATH or --api-key-env NAME"
        ))
    }
}
