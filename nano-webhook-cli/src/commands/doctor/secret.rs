use std::path::{Path, PathBuf};

use nano_webhook_core::{Secret, SecretWarning};

use super::kinds;
use super::report::Report;
use super::settings::variable;
use crate::exit::Failure;
use crate::secrets::{Given, Input, SecretSource};

const CURRENT: &str = "NANO_WEBHOOK_SECRET";
const CURRENT_FILE: &str = "NANO_WEBHOOK_SECRET_FILE";
const PREVIOUS: &str = "NANO_WEBHOOK_PREVIOUS_SECRET";
const PREVIOUS_FILE: &str = "NANO_WEBHOOK_PREVIOUS_SECRET_FILE";

/// How keys of management APIs begin, and texts that carry them.
const KEY_PREFIXES: [&str; 9] = [
    "sk-", "sk_", "pk_", "rk_", "ghp_", "AKIA", "AIza", "eyJ", "Bearer ",
];

/// The secrets that a receiver with these settings has.
pub(super) struct Secrets {
    pub(super) current: Option<Given>,
    pub(super) previous: Option<Secret>,
    file: Option<PathBuf>,
}

impl Secrets {
    /// From the options, then from the variables of the receiver examples, in which a
    /// file comes before a text.
    pub(super) fn read(source: &SecretSource, input: &mut Input, report: &mut Report) -> Self {
        let is_default = source.secret_file.is_none() && source.secret_env == CURRENT;
        let named = variable(CURRENT_FILE).filter(|_| is_default);
        let file = source.secret_file.clone().or(named.map(PathBuf::from));
        let read = match &file {
            Some(path) => Given::read("the file of the secret", path, input),
            None => source.read(input),
        };
        let current = read.and_then(Given::utf8);
        let missing = |failure: Failure| report.add(kinds::SECRET_MISSING, failure.message);
        Self {
            current: current.map_err(missing).ok(),
            // The file comes and goes during a rotation.
            previous: match variable(PREVIOUS_FILE) {
                Some(path) => Secret::from_file(path).ok(),
                None => Secret::from_env(PREVIOUS).ok(),
            },
            file: file.filter(|path| path != Path::new("-")),
        }
    }

    pub(super) fn check(&self, key: Option<&Secret>, report: &mut Report) {
        let Some(Given { secret, .. }) = &self.current else {
            return;
        };
        for warning in secret.warnings() {
            let kind = match warning {
                SecretWarning::Short => kinds::SECRET_SHORT,
                SecretWarning::Placeholder => kinds::SECRET_PLACEHOLDER,
                _ => kinds::SECRET_DECORATED,
            };
            report.add(kind, warning.to_string());
        }
        let is_same = |other: &Secret| other.expose() == secret.expose();
        if self.previous.as_ref().is_some_and(is_same) {
            let seen = "the current and the previous secret are equal";
            report.add(kinds::SECRET_EQUAL, seen);
        }
        let begins = |prefix: &&str| secret.expose().starts_with(*prefix);
        if key.is_some_and(is_same) {
            report.add(kinds::SECRET_IS_KEY, "the secret and the API key are equal");
        } else if let Some(prefix) = KEY_PREFIXES.iter().find(|prefix| begins(prefix)) {
            let seen = format!("the secret begins with {prefix:?}, as API keys do");
            report.add(kinds::SECRET_IS_KEY, seen);
        }
        if let Some(path) = self.file.as_deref().filter(|path| is_open(path)) {
            let seen = format!("everyone may read {}", path.display());
            report.add(kinds::SECRET_READABLE, seen);
        }
        report.checked("secret");
    }
}

#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}
