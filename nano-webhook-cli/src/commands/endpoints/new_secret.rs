use std::path::PathBuf;

use nano_webhook_client::{Error, Webhook, WebhookId};
use nano_webhook_core::Secret;
use serde_json::{Value, json};

use super::show;
use crate::exit::{Exit, Failure};
use crate::output::{Output, STRONG, styled};
use crate::secrets::{Fresh, Input, SecretSource};
use crate::shutdown;

/// The secret of a webhook that is created.
#[derive(clap::Args, Debug)]
pub(super) struct NewSecret {
    #[command(flatten)]
    source: SecretSource,

    /// Make a new secret of 256 random bits, and print it once
    #[arg(long, help_heading = "Secret", conflicts_with_all = ["secret_file", "secret_env", "no_secret"])]
    pub(super) generate_secret: bool,

    /// Write the new secret to this file, which must not exist yet, instead of
    /// printing it
    #[arg(
        long,
        value_name = "PATH",
        help_heading = "Secret",
        requires = "generate_secret"
    )]
    secret_out: Option<PathBuf>,

    /// Create the webhook without a secret. Its deliveries cannot be told from
    /// forgeries, and the receivers of this project reject them
    #[arg(long, help_heading = "Secret", conflicts_with_all = ["secret_file", "secret_env"])]
    pub(super) no_secret: bool,
}

/// The secret, and whether it has to be shown.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) secret: Option<Secret>,
    fresh: Option<Fresh>,
}

impl NewSecret {
    pub(super) fn load(&self, input: &mut Input, output: &Output) -> Result<Loaded, Failure> {
        let fresh = match self.generate_secret {
            true => Some(Fresh::generate(self.secret_out.clone(), "--secret-out")?),
            false => None,
        };
        let secret = match &fresh {
            Some(fresh) => Some(fresh.secret()?),
            None if self.no_secret => None,
            None => Some(self.source.load(input, output)?.secret),
        };
        Ok(Loaded { secret, fresh })
    }
}

impl Loaded {
    /// What was done, and the secret where it is new and in no file.
    pub(super) fn used(
        self,
        change: &str,
        webhook: &Webhook,
        deleted: &[WebhookId],
        mut result: Value,
        output: &Output,
    ) -> Result<(), Failure> {
        let unshown = self.fresh.as_ref().filter(|fresh| fresh.path.is_none());
        let mut show = || {
            if output.is_json() {
                if let (Some(object), Some(fresh)) = (result.as_object_mut(), unshown) {
                    object.insert("secret_key".to_owned(), json!(*fresh.text));
                }
                return output.json(&result);
            }
            show::done(change, webhook, output)?;
            show::deleted(deleted, output)?;
            if let Some(fresh) = unshown {
                output.line(format_args!("secret: {}", styled(STRONG, &*fresh.text)))?;
                output.note("Keep it now: neither this program nor the provider shows it again.");
            }
            Ok(())
        };
        let shown = show();
        if let Some(path) = self.fresh.as_ref().and_then(|fresh| fresh.path.as_ref()) {
            output.note(format_args!("the new secret is in {}", path.display()));
        }
        match unshown {
            Some(fresh) if output.is_closed() => {
                // The only copy of a secret that is in use.
                output.note(format_args!("secret: {}", *fresh.text));
                let message =
                    "standard output is closed or full, so the new secret was not shown there";
                Err(Failure::new(Exit::No, message))
            }
            _ => shown,
        }
    }

    /// Nothing was created with the secret.
    pub(super) fn discard(&mut self) {
        if let Some(fresh) = self.fresh.take() {
            fresh.discard();
        }
    }

    /// Makes a change with the secret. If a webhook was, or may have been, created with
    /// it, the secret is kept and shown, also if the change is interrupted.
    pub(super) async fn change<T>(
        &mut self,
        change: impl Future<Output = Result<T, Error>>,
        output: &Output,
    ) -> Result<T, Failure> {
        let interrupted = shutdown::signal()?;
        tokio::select! {
            made = change => made.map_err(|error| self.failed(error, output)),
            () = interrupted => {
                let message = "interrupted before the provider answered; the change may or may not have been made";
                Err(self.kept(Failure::new(Exit::Unknown, message), output))
            }
        }
    }

    fn failed(&mut self, error: Error, output: &Output) -> Failure {
        if error.created().is_none() && !error.may_have_taken_effect() {
            self.discard();
        }
        self.kept(super::connection::explain(error), output)
    }

    /// A secret that may be in use, now or soon, is not lost with the failure.
    pub(super) fn kept(&self, mut failure: Failure, output: &Output) -> Failure {
        let Some(Fresh { text, path }) = &self.fresh else {
            return failure;
        };
        match path {
            Some(path) => output.note(format_args!("the new secret is kept in {}", path.display())),
            None if output.is_json() => failure.tell("secret_key", text.as_str().into()),
            None => {
                let _ = output.line(format_args!("secret: {}", styled(STRONG, &**text)));
                if output.is_closed() {
                    output.note(format_args!("secret: {}", **text));
                }
            }
        }
        failure
    }
}
