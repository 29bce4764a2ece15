//! What the tests share.

pub(crate) mod background;
pub(crate) mod receiver;
pub(crate) mod sign;

use assert_cmd::Command;
use serde_json::Value;

pub(crate) use background::Background;
pub(crate) use receiver::Receiver;

pub(crate) const SECRET: &str = "a-secret-for-tests-0123456789";

/// The program with the secret in its usual variable, and no other variable that
/// changes what it does.
pub(crate) fn nano_webhook() -> Command {
    let mut command = Command::from_std(plain());
    command.timeout(std::time::Duration::from_secs(120));
    command
}

pub(crate) fn plain() -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_nano-webhook"));
    // With CI, the library for colours paints a dumb terminal, too.
    for name in "NANO_WEBHOOK_API_KEY NANO_WEBHOOK_BASE_URL NANO_WEBHOOK_DATABASE_URL \
         NANO_WEBHOOK_REDIS_URL NANO_WEBHOOK_SIMULATOR RUST_LOG CI NO_COLOR CLICOLOR \
         CLICOLOR_FORCE HTTP_PROXY http_proxy HTTPS_PROXY https_proxy COLUMNS"
        .split_whitespace()
    {
        command.env_remove(name);
    }
    command.env("NANO_WEBHOOK_SECRET", SECRET);
    command.env("TERM", "xterm-256color");
    command
}

/// What a run ended with.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// With these words.
    pub(crate) fn line(line: &str) -> Self {
        Self::of(nano_webhook().args(line.split_whitespace()))
    }

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
