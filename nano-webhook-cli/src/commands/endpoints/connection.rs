use std::time::Duration;

use nano_webhook_client::{Auth, Client, Error, ErrorKind};

use crate::api_key::ApiKey;
use crate::exit::{Exit, Failure};
use crate::input::Input;
use crate::loopback::names_this_machine;

/// How to reach the provider.
#[derive(clap::Args, Debug)]
pub(super) struct Connection {
    /// The base URL of the provider, without /api/v1/webhooks
    #[arg(
        long,
        value_name = "URL",
        env = "NANO_WEBHOOK_BASE_URL",
        hide_env_values = true,
        help_heading = "Provider"
    )]
    base_url: String,

    /// Allow plain http to another machine: key and secret can be read on the way
    #[arg(long, help_heading = "Provider")]
    allow_plain_http: bool,

    /// How long to wait for each answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 20, help_heading = "Provider", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,

    #[command(flatten)]
    key: ApiKey,
}

impl Connection {
    pub(super) fn client(&self, input: &mut Input) -> Result<Client, Failure> {
        let auth = match (self.key.find(input)?, &self.key.auth_header) {
            (Some(key), Some(name)) => Auth::header(name, key),
            (Some(key), None) => Auth::bearer(key),
            // A simulator asks for none.
            (None, _) if names_this_machine(&self.base_url) => Auth::none(),
            (None, _) => return Err(ApiKey::missing()),
        };
        let mut builder =
            Client::builder(&self.base_url, auth).timeout(Duration::from_secs(self.timeout));
        if self.allow_plain_http {
            builder = builder.allow_plain_http();
        }
        builder
            .build()
            .map_err(|error| Failure::because(Exit::Usage, &error))
    }
}

/// A failed call, in this program's terms.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn explain(error: Error) -> Failure {
    let exit = match error.kind() {
        _ if error.may_have_taken_effect() => Exit::Unknown,
        ErrorKind::Unreachable { .. }
        | ErrorKind::Interrupted { .. }
        | ErrorKind::TimedOut { .. } => Exit::Network,
        _ => Exit::No,
    };
    let mut failure = Failure::because(exit, &error);
    if exit == Exit::Unknown {
        failure
            .message
            .push_str("; the change may have been made all the same: look with `endpoints list`");
    }
    failure
}
