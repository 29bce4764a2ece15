use std::io::Write as _;
use std::path::PathBuf;

use nano_webhook_core::Secret;
use zeroize::Zeroizing;

use crate::exit::{Exit, Failure};
use crate::input::Input;
use crate::output::Output;
use crate::secret_source::SecretSource;

/// The secret of a webhook that is to be created.
#[derive(clap::Args, Debug)]
pub(super) struct NewSecret {
    #[command(flatten)]
    source: SecretSource,

    /// Make a new secret of 256 random bits, and print it once
    #[arg(long, help_heading = "Secret", conflicts_with_all = ["secret_file", "secret_env", "no_secret"])]
    generate_secret: bool,

    /// Write the new secret to this file, which must not exist yet, instead of
    /// printing it
    #[arg(
        long,
        value_name = "PATH",
        help_heading = "Secret",
        requires = "generate_secret"
    )]
    secret_out: Option<PathBuf>,

    /// Create the webhook without a secret. Nobody can tell its deliveries from
    /// forgeries, and this project's receivers take none of them
    #[arg(long, help_heading = "Secret", conflicts_with_all = ["secret_file", "secret_env"])]
    no_secret: bool,
}

/// What is to be shown of a secret: the new one, once, when it is in use.
#[must_use]
pub(super) enum Shown {
    /// It is the user's, who has it.
    Nothing,
    OnScreen(Zeroizing<String>),
    InFile(PathBuf),
}

impl NewSecret {
    pub(super) fn load(
        &self,
        input: &mut Input,
        output: &Output,
    ) -> Result<(Option<Secret>, Shown), Failure> {
        if self.no_secret {
            return Ok((None, Shown::Nothing));
        }
        if !self.generate_secret {
            return Ok((Some(self.source.load(input, output)?), Shown::Nothing));
        }
        let text = generate()?;
        // Before the webhook is there: a secret that cannot be written is lost.
        let shown = match &self.secret_out {
            Some(path) => {
                write_new(path, &text).map_err(|error| {
                    Failure::usage(format!(
                        "--secret-out: {} cannot be written: {error}",
                        path.display()
                    ))
                })?;
                Shown::InFile(path.clone())
            }
            None => Shown::OnScreen(text.clone()),
        };
        let secret =
            Secret::new(text.as_str()).map_err(|error| Failure::because(Exit::Usage, &error))?;
        Ok((Some(secret), shown))
    }
}

impl Shown {
    /// The webhook was created with it. Gives it if it is to be printed.
    pub(super) fn reveal(self, output: &Output) -> Option<Zeroizing<String>> {
        match self {
            Self::Nothing => None,
            Self::OnScreen(text) => Some(text),
            Self::InFile(path) => {
                output.note(format_args!("the new secret is in {}", path.display()));
                None
            }
        }
    }

    /// The call failed. A file with a secret that is not in use would mislead; one
    /// that may be in use is kept.
    pub(super) fn lost(&self, failure: Failure, output: &Output) -> Failure {
        if let Self::InFile(path) = self {
            if failure.exit == Exit::Unknown {
                output.note(format_args!(
                    "the secret that may be in use is in {}",
                    path.display()
                ));
            } else {
                let _ = std::fs::remove_file(path);
            }
        }
        failure
    }

    /// Nothing was created, so the new secret is of no use.
    pub(super) fn discard(self, output: &Output) -> Option<Zeroizing<String>> {
        let made_one = match self {
            Self::Nothing => false,
            Self::OnScreen(_) => true,
            Self::InFile(path) => {
                // What we made a moment ago, and nobody has seen.
                let _ = std::fs::remove_file(path);
                true
            }
        };
        if made_one {
            output.note(
                "the webhook was there already, with a secret that the provider does not give back; the new secret was thrown away",
            );
        }
        None
    }
}

/// 256 random bits in 64 hex digits. The text is the key.
fn generate() -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(|error| Failure::usage(format!("the system gives no random bits: {error}")))?;
    Ok(Zeroizing::new(hex::encode(bytes.as_slice())))
}

/// For its owner only.
fn write_new(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}
