use std::time::Duration;

use nano_webhook_client::{Auth, Client, Error, ErrorKind, Secret};
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::secrets::{ApiKey, Input};

/// How to reach the provider.
#[derive(clap::Args, Debug)]
pub(crate) struct Connection {
    /// The base URL of the provider, without /api/v1/webhooks
    #[arg(
        long,
        value_name = "URL",
        env = "NANO_WEBHOOK_BASE_URL",
        hide_env_values = true,
        help_heading = "Provider"
    )]
    base_url: Option<String>,

    /// Allow plain http to another machine: key and secret can be read on the way
    #[arg(long, help_heading = "Provider")]
    allow_plain_http: bool,

    /// How long to wait for each answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 20, help_heading = "Provider", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout: u64,

    #[command(flatten)]
    pub(crate) key: ApiKey,
}

impl Connection {
    /// A variable that is empty counts as unset.
    pub(crate) fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref().filter(|url| !url.is_empty())
    }

    fn is_on_this_machine(&self) -> bool {
        let url = self
            .base_url()
            .and_then(|url| url.parse::<http::Uri>().ok());
        url.is_some_and(|url| url.host().is_some_and(nano_webhook_fetch::names_loopback))
    }

    /// A client with the key that the options name.
    pub(super) fn client(&self, input: &mut Input, output: &Output) -> Result<Client, Failure> {
        self.client_with(self.key.find(input, output)?)
    }

    pub(crate) fn client_with(&self, key: Option<Secret>) -> Result<Client, Failure> {
        let base_url = self.base_url().ok_or_else(|| {
            Failure::usage(
                "no base URL of the provider: set NANO_WEBHOOK_BASE_URL, or use --base-url URL",
            )
        })?;
        let auth = match (key, &self.key.auth_header) {
            (Some(key), Some(name)) => Auth::header(name, key),
            (Some(key), None) => Auth::bearer(key),
            // A simulator asks for none.
            (None, _) if self.is_on_this_machine() => Auth::none(),
            (None, _) => return Err(ApiKey::missing()),
        };
        let timeout = Duration::from_secs(self.timeout);
        let mut builder = Client::builder(base_url, auth).timeout(timeout);
        if self.allow_plain_http {
            builder = builder.allow_plain_http();
        }
        Ok(builder.build()?)
    }
}

/// A failed call, and what it had done before it failed.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn explain(error: Error) -> Failure {
    let exit = match error.kind() {
        _ if error.may_have_taken_effect() => Exit::Unknown,
        ErrorKind::Unreachable | ErrorKind::Interrupted | ErrorKind::TimedOut => Exit::Network,
        _ => Exit::No,
    };
    let mut failure = Failure::because(exit, &error);
    if exit == Exit::Unknown {
        let hint = "; the change may have been made: look with `endpoints list`";
        failure.message.push_str(hint);
    }
    if let Some(id) = error.created() {
        failure.tell("created", json!(id));
    }
    if !error.deleted().is_empty() {
        failure.tell("deleted", json!(error.deleted()));
    }
    failure
}
