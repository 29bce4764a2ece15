use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use nano_webhook_core::{ConfigError, Secret, Verifier};

use crate::BoxError;
use crate::environment::optional;

const CURRENT: &str = "NANO_WEBHOOK_SECRET";
const PREVIOUS: &str = "NANO_WEBHOOK_PREVIOUS_SECRET";

/// How often the files are looked at.
const PAUSE: Duration = Duration::from_millis(500);

/// Where the secrets come from: each from a variable, or from the file that the
/// variable of the same name with `_FILE` names.
pub(crate) struct Secrets {
    current: Source,
    previous: Option<Source>,
}

enum Source {
    Variable(&'static str),
    File(PathBuf),
}

impl Secrets {
    pub(crate) fn from_env() -> Result<Self, BoxError> {
        let source = |variable: &'static str| -> Result<Option<Source>, BoxError> {
            let file = optional(&format!("{variable}_FILE"))?;
            Ok(match (file, optional(variable)?) {
                (Some(path), _) => Some(Source::File(path.into())),
                (None, Some(_)) => Some(Source::Variable(variable)),
                (None, None) => None,
            })
        };
        Ok(Self {
            // Without either, reading the variable says what is missing.
            current: source(CURRENT)?.unwrap_or(Source::Variable(CURRENT)),
            previous: source(PREVIOUS)?,
        })
    }

    pub(crate) fn read(&self) -> Result<(Secret, Vec<Secret>), ConfigError> {
        let previous = match &self.previous {
            // During a rotation the file comes and goes.
            Some(Source::File(path)) if !path.exists() => None,
            source => source.as_ref().map(Source::read).transpose()?,
        };
        Ok((self.current.read()?, previous.into_iter().collect()))
    }

    /// Replaces the verifier's secrets whenever a file changes. A file that cannot
    /// be read leaves them as they are.
    pub(crate) fn watch(self, verifier: Verifier) {
        let mut seen = self.changed_at();
        if seen.iter().all(Option::is_none) {
            return;
        }
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(PAUSE);
                let now = self.changed_at();
                if now == seen {
                    continue;
                }
                match self.read() {
                    Ok((current, previous)) => {
                        verifier.replace_secrets(&current, &previous);
                        tracing::info!(previous = previous.len(), "the secrets were replaced");
                        seen = now;
                    }
                    Err(error) => tracing::error!(%error, "the secrets stay as they are"),
                }
            }
        });
    }

    fn changed_at(&self) -> [Option<SystemTime>; 2] {
        let changed = |source: &Source| match source {
            Source::File(path) => path.metadata().ok()?.modified().ok(),
            Source::Variable(_) => None,
        };
        [
            changed(&self.current),
            self.previous.as_ref().and_then(changed),
        ]
    }
}

impl Source {
    fn read(&self) -> Result<Secret, ConfigError> {
        match self {
            Self::Variable(variable) => Secret::from_env(variable),
            Self::File(path) => Secret::from_file(path),
        }
    }
}
