mod connection;
mod new_secret;
mod show;

use clap::Subcommand;
use nano_webhook_client::{Change, Client, EventType, NewWebhook, WebhookId};
use serde_json::json;

use self::connection::Connection;
use self::new_secret::NewSecret;
use crate::event_name::EventName;
use crate::exit::{Exit, Failure};
use crate::input::Input;
use crate::output::Output;

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
        /// Which ones
        #[arg(required = true)]
        id: Vec<WebhookId>,
        #[command(flatten)]
        connection: Connection,
    },
    /// See to it that exactly one active webhook with these events points at a URL
    ///
    /// Meant for every deploy: the second run changes nothing. It creates before
    /// it deletes, so no event is lost, and it leaves other URLs alone. The
    /// provider never gives a secret back, so it cannot know whether an existing
    /// webhook has this one; to change a secret, use `rotate`.
    Ensure(Create),
    /// Replace the webhooks at a URL by one with another secret
    ///
    /// Deploy the receiver with both secrets first (the new one as current, the
    /// old one as previous). Until the old webhook is gone, events are delivered
    /// twice. Without `--event`, the new one subscribes to what the old one did.
    Rotate(Create),
}

#[derive(clap::Args, Debug)]
struct Create {
    /// Where deliveries are to be posted to
    url: String,

    /// An event to subscribe to: `completed`, `failed`, or any name; may be given
    /// several times [default: both]
    #[arg(long, value_name = "EVENT", value_delimiter = ',')]
    event: Vec<EventName>,

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

Exit codes: 0 done, 1 the provider refused it, 2 it could not be tried, 3 the provider cannot be
reached, 4 unknown: the change may have been made, but its answer got lost.";

pub(crate) async fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    match args.command {
        Command::List { connection } => list(&connection, output).await?,
        Command::Create(args) => create(&args, output).await?,
        Command::Delete { id, connection } => delete(id, &connection, output).await?,
        Command::Ensure(args) => ensure(&args, output).await?,
        Command::Rotate(args) => rotate(&args, output).await?,
    }
    Ok(Exit::Success)
}

async fn list(connection: &Connection, output: &Output) -> Result<(), Failure> {
    let client = connection.client(&mut Input::default())?;
    let webhooks = client.list().await.map_err(connection::explain)?;
    match output.is_json() {
        true => output.json(&json!({ "webhooks": webhooks })),
        false => show::table(&webhooks, output),
    }
}

async fn create(args: &Create, output: &Output) -> Result<(), Failure> {
    let mut input = Input::default();
    let client = args.connection.client(&mut input)?;
    let (wanted, shown) = args.webhook(args.events_or_both(), &mut input, output)?;
    let webhook = client
        .create(&wanted)
        .await
        .map_err(|error| shown.lost(connection::explain(error), output))?;
    let secret = shown.reveal(output);
    if output.is_json() {
        return output.json(&show::with_secret(json!({ "webhook": webhook }), secret));
    }
    show::done("created", &webhook, output)?;
    show::secret(secret, output)
}

async fn delete(
    ids: Vec<WebhookId>,
    connection: &Connection,
    output: &Output,
) -> Result<(), Failure> {
    let client = connection.client(&mut Input::default())?;
    let mut deleted = Vec::new();
    let mut outcome = Ok(());
    for id in ids {
        match client.delete(id.clone()).await {
            Ok(()) => deleted.push(id),
            Err(error) => {
                outcome = Err(connection::explain(error));
                break;
            }
        }
    }
    if output.is_json() {
        if outcome.is_ok() || !deleted.is_empty() {
            output.json(&json!({ "deleted": deleted }))?;
        }
    } else {
        show::deleted(&deleted, output)?;
    }
    outcome
}

async fn ensure(args: &Create, output: &Output) -> Result<(), Failure> {
    let mut input = Input::default();
    let client = args.connection.client(&mut input)?;
    let (wanted, shown) = args.webhook(args.events_or_both(), &mut input, output)?;
    let ensured = client
        .ensure(&wanted)
        .await
        .map_err(|error| shown.lost(connection::explain(error), output))?;
    let (change, deleted) = match &ensured.change {
        Change::Unchanged => ("unchanged", &[][..]),
        Change::Created => ("created", &[][..]),
        Change::Recreated { deleted } => ("recreated", deleted.as_slice()),
        Change::Deduplicated { deleted } => ("deduplicated", deleted.as_slice()),
        _ => ("changed", &[][..]),
    };
    let is_new = matches!(change, "created" | "recreated");
    let secret = match is_new {
        true => shown.reveal(output),
        false => shown.discard(output),
    };
    if output.is_json() {
        let result = json!({
            "webhook": ensured.webhook,
            "change": change,
            "deleted": deleted,
            "inactive": ensured.inactive,
        });
        return output.json(&show::with_secret(result, secret));
    }
    show::done(change, &ensured.webhook, output)?;
    show::deleted(deleted, output)?;
    for webhook in &ensured.inactive {
        output.warn(format_args!(
            "webhook {} points at the same URL, but is not active; it was left as it is",
            webhook.id
        ));
    }
    show::secret(secret, output)
}

async fn rotate(args: &Create, output: &Output) -> Result<(), Failure> {
    let mut input = Input::default();
    let client = args.connection.client(&mut input)?;
    let events = match args.events() {
        Some(events) => events,
        None => events_at(&client, &args.url).await?,
    };
    let (wanted, shown) = args.webhook(events, &mut input, output)?;
    let rotated = client
        .rotate(&wanted)
        .await
        .map_err(|error| shown.lost(connection::explain(error), output))?;
    let secret = shown.reveal(output);
    if output.is_json() {
        let result = json!({ "webhook": rotated.webhook, "deleted": rotated.deleted });
        return output.json(&show::with_secret(result, secret));
    }
    show::done("created", &rotated.webhook, output)?;
    show::deleted(&rotated.deleted, output)?;
    show::secret(secret, output)
}

/// What the webhooks that are replaced subscribe to: another secret is no reason
/// for other events.
async fn events_at(client: &Client, url: &str) -> Result<Vec<EventType>, Failure> {
    let webhooks = client.active_at(url).await.map_err(connection::explain)?;
    let mut sets = webhooks.into_iter().map(|webhook| {
        let mut events = webhook.events;
        events.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        events
    });
    match sets.next() {
        None => Ok(EventType::DOCUMENTED.to_vec()),
        Some(first) if sets.all(|other| other == first) => Ok(first),
        Some(_) => Err(Failure::usage(
            "the webhooks at this URL subscribe to different events: say which ones are wanted with --event",
        )),
    }
}

impl Create {
    /// The events that were asked for.
    fn events(&self) -> Option<Vec<EventType>> {
        let events = self
            .event
            .iter()
            .map(|event| EventType::from(event.as_str()));
        (!self.event.is_empty()).then(|| events.collect())
    }

    fn events_or_both(&self) -> Vec<EventType> {
        self.events()
            .unwrap_or_else(|| EventType::DOCUMENTED.to_vec())
    }

    /// The webhook that is wanted, and what is to be shown of its secret.
    fn webhook(
        &self,
        events: Vec<EventType>,
        input: &mut Input,
        output: &Output,
    ) -> Result<(NewWebhook, new_secret::Shown), Failure> {
        let (secret, shown) = self.secret.load(input, output)?;
        let webhook = match secret {
            Some(secret) => NewWebhook::new(&self.url, events, secret),
            None => NewWebhook::without_secret(&self.url, events),
        };
        Ok((webhook, shown))
    }
}
