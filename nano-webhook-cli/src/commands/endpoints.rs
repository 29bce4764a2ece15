mod connection;
mod ensure;
mod new_secret;
mod rotate;
mod show;

use clap::Subcommand;
use nano_webhook_client::{Client, EventType, NewWebhook, WebhookId};
use nano_webhook_fetch::{UrlError, http_url};
use serde_json::json;

pub(crate) use self::connection::Connection;
use self::new_secret::{Loaded, NewSecret};
pub(crate) use self::rotate::test_event;
use crate::cli::event;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::secrets::Input;

/// Register receivers with the provider: its management API
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List the account's webhooks
    List {
        #[command(flatten)]
        connection: Connection,
    },
    /// Create a webhook
    ///
    /// Each call makes another one. For deploys, use `ensure`.
    Create(Create),
    /// Delete webhooks
    Delete {
        /// Their ids
        #[arg(required = true)]
        id: Vec<WebhookId>,
        #[command(flatten)]
        connection: Connection,
    },
    /// Make sure that exactly one active webhook with these events points at a URL
    ///
    /// Meant for every deploy: the second run changes nothing. It creates before
    /// it deletes, so no event is lost, and it leaves other URLs alone. The
    /// provider never returns a secret, so it cannot know whether an existing
    /// webhook has this one; to change a secret, use `rotate`.
    Ensure(Create),
    /// Replace the webhooks at a URL by one with another secret, without a gap
    ///
    /// Sends test deliveries (the event nano-webhook.test, signed with the new secret)
    /// until the receivers answer 2xx, then creates the new webhook, then deletes the
    /// old ones. If the receivers do not accept the new secret in time, it changes
    /// nothing. Deploy them with the new secret as the current one and the old one as a
    /// previous one. While both webhooks exist, events are delivered twice. Without
    /// `--event`, the new one has the events of the old one.
    Rotate(Box<rotate::Rotate>),
}

#[derive(clap::Args, Debug)]
struct Create {
    /// The URL that deliveries are posted to
    url: String,

    /// An event to subscribe to: `completed`, `failed`, or any name; may be given
    /// several times [default: both]
    #[arg(long, value_name = "EVENT", value_delimiter = ',', value_parser = event)]
    event: Vec<EventType>,

    #[command(flatten)]
    secret: NewSecret,

    #[command(flatten)]
    connection: Connection,
}

const EXAMPLES: &str = "\
Examples:
  export NANO_WEBHOOK_BASE_URL=https://… NANO_WEBHOOK_API_KEY=…
  nano-webhook endpoints create https://example.com/webhook --generate-secret
  nano-webhook endpoints ensure https://example.com/webhook --secret-file secret.txt
  nano-webhook endpoints list --json

Exit codes: 0 done, 1 the provider rejected it, 2 it could not be tried, 3 the provider cannot be
reached, 4 unknown: the change may have been made, but its answer got lost.";

pub(crate) async fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    match args.command {
        Command::List { connection } => list(&connection, output).await?,
        Command::Create(args) => create(&args, output).await?,
        Command::Delete { id, connection } => delete(id, &connection, output).await?,
        Command::Ensure(args) => ensure::run(&args, output).await?,
        Command::Rotate(args) => rotate::run(&args, output).await?,
    }
    Ok(Exit::Success)
}

async fn list(connection: &Connection, output: &Output) -> Result<(), Failure> {
    let client = connection.client(&mut Input::default(), output)?;
    let list = client.list().await.map_err(connection::explain)?;
    for entry in &list.unreadable {
        output.warn(format_args!(
            "entry {} of the list cannot be read: {}",
            entry.position, entry.problem
        ));
    }
    if !output.is_json() {
        return show::table(&list.webhooks, output);
    }
    let unreadable: Vec<_> = (list.unreadable.iter())
        .map(|entry| json!({ "position": entry.position, "id": entry.id, "url": entry.url, "problem": entry.problem }))
        .collect();
    output.json(&json!({ "webhooks": list.webhooks, "unreadable": unreadable }))
}

async fn create(args: &Create, output: &Output) -> Result<(), Failure> {
    let mut input = Input::default();
    let client = args.client(&mut input, output)?;
    let mut loaded = args.secret.load(&mut input, output)?;
    let wanted = args.webhook(args.events_or_both(), &loaded);
    let webhook = loaded.change(client.create(&wanted), output).await?;
    let result = json!({ "webhook": webhook });
    loaded.used("created", &webhook, &[], result, output)
}

async fn delete(
    ids: Vec<WebhookId>,
    connection: &Connection,
    output: &Output,
) -> Result<(), Failure> {
    let client = connection.client(&mut Input::default(), output)?;
    let mut deleted = Vec::new();
    let mut outcome = Ok(());
    for id in ids {
        outcome = client.delete(id.clone()).await.map_err(connection::explain);
        if outcome.is_err() {
            break;
        }
        deleted.push(id);
    }
    if !output.is_json() {
        show::deleted(&deleted, output)?;
    } else if outcome.is_ok() || !deleted.is_empty() {
        output.json(&json!({ "deleted": deleted }))?;
    }
    outcome
}

impl Create {
    /// A user name in the URL is left to the provider, which may allow one.
    fn client(&self, input: &mut Input, output: &Output) -> Result<Client, Failure> {
        match http_url(&self.url) {
            Ok(_) | Err(UrlError::UserName) => self.connection.client(input, output),
            Err(problem) => Err(Failure::usage(format!(
                "the URL {problem}; write it as in https://example.com/webhook"
            ))),
        }
    }

    fn events_or_both(&self) -> Vec<EventType> {
        match self.event.as_slice() {
            [] => EventType::DOCUMENTED.to_vec(),
            events => events.to_vec(),
        }
    }

    fn webhook(&self, events: Vec<EventType>, loaded: &Loaded) -> NewWebhook {
        match loaded.secret.clone() {
            Some(secret) => NewWebhook::new(&self.url, events, secret),
            None => NewWebhook::without_secret(&self.url, events),
        }
    }
}
