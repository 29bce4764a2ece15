//! What the tests share.

pub(crate) mod background;
pub(crate) mod receiver;
pub(crate) mod sign;

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

pub(crate) use background::Background;
pub(crate) use receiver::Receiver;

pub(crate) const SECRET: &str = "a-secret-for-tests-0123456789";

pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_nano-webhook"))
}

/// The program with the secret in its usual variable, and no other variable that
/// changes what it does.
pub(crate) fn nano_webhook() -> Command {
    let mut command = Command::from_std(plain());
    command.timeout(std::time::Duration::from_secs(120));
    command
}

pub(crate) fn plain() -> std::process::Command {
    let mut command = std::process::Command::new(program());
    for (name, value) in environment() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// What is set and unset for each run.
fn environment() -> Vec<(&'static str, Option<&'static str>)> {
    vec![
        ("NANO_WEBHOOK_SECRET", Some(SECRET)),
        ("NANO_WEBHOOK_API_KEY", None),
        ("NANO_WEBHOOK_BASE_URL", None),
        ("NANO_WEBHOOK_DATABASE_URL", None),
        ("NANO_WEBHOOK_REDIS_URL", None),
        ("NANO_WEBHOOK_SIMULATOR", None),
        ("RUST_LOG", None),
        // With it, the library for colours paints a dumb terminal, too.
        ("CI", None),
        ("NO_COLOR", None),
        ("CLICOLOR", None),
        ("CLICOLOR_FORCE", None),
        ("TERM", Some("xterm-256color")),
        ("HTTP_PROXY", None),
        ("http_proxy", None),
        ("HTTPS_PROXY", None),
        ("https_proxy", None),
        ("COLUMNS", None),
    ]
}

/// What a run ended with.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The one line of JSON on standard output.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }
}
