mod clock;
mod kinds;
mod mismatch;
mod path;
mod probe;
mod provider;
mod reach;
mod report;
mod secret;
mod settings;
mod store;
mod url_difference;

use std::time::Duration;

use nano_webhook_client::EventType;

use self::clock::Clocks;
use self::probe::Prober;
use self::report::Report;
use super::endpoints::Connection;
use crate::cli::event;
use crate::exit::{Exit, Failure};
use crate::http::Target;
use crate::output::Output;
use crate::secrets::{Input, SecretSource};

/// Find out why deliveries do not arrive
///
/// Checks, with the settings of the receivers: the secret, the provider's list of
/// webhooks, the URL, whether the path to the receiver leaves bodies and headers alone,
/// the clocks, the store, and whether limits and timeouts fit each other. Each finding
/// says what was seen, what it means, and what to do. Nothing is changed at the provider.
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// The public URL of the receiver, as it is registered at the provider
    url: String,

    /// An event that the webhook must subscribe to: `completed`, `failed`, or any name;
    /// may be given several times [default: both]
    #[arg(long, value_name = "EVENT", value_delimiter = ',', value_parser = event)]
    event: Vec<EventType>,

    /// Also send one event, nano-webhook.test, through to the handler and the store
    #[arg(long)]
    test_event: bool,

    #[command(flatten)]
    secret: SecretSource,

    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    limits: settings::Limits,
}

const HELP: &str = "\
Examples:
  export NANO_WEBHOOK_BASE_URL=https://… NANO_WEBHOOK_API_KEY=… NANO_WEBHOOK_SECRET=…
  nano-webhook doctor https://example.com/webhook
  nano-webhook doctor https://example.com/webhook --test-event --json

Run it where a receiver runs, with its environment. In addition to the options, it reads
NANO_WEBHOOK_SECRET_FILE, NANO_WEBHOOK_PREVIOUS_SECRET, NANO_WEBHOOK_PREVIOUS_SECRET_FILE,
NANO_WEBHOOK_REDIS_URL, NANO_WEBHOOK_DATABASE_URL, NANO_WEBHOOK_TOLERANCE and
NANO_WEBHOOK_IDLE_TIMEOUT. A check that lacks its settings is left out, and named.

The receiver gets one GET and some signed probes: three if all is well, up to ten to find out what
is wrong. A probe's body is JSON without an event, so a receiver answers 422 invalid_event, which
proves that the signature matched. Neither the handler nor the store sees a probe. The receiver logs
an error for each, and a rejection hook gets it; the body says which command sent it.

With --test-event the handler gets one event named nano-webhook.test, which no handler knows, as
`endpoints rotate` sends it. The receiver's store remembers it like any other.

In the store, one random id is claimed, completed and removed. Nothing else is written.

Exit codes: 0 no errors and no warnings, 1 at least one, 2 it could not be tried, 3 at least one,
and the provider, the URL or the store does not answer.";

/// So much of an answer is read.
const LONGEST_ANSWER: usize = 16 * 1024;

pub(crate) async fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    let timeout = Duration::from_secs(args.connection.timeout);
    let target = Target::new(&args.url, true, timeout, LONGEST_ANSWER)?;
    let mut report = Report::default();
    let mut input = Input::default();
    let settings = args.limits.check(&mut report);
    let secrets = secret::Secrets::read(&args.secret, &mut input, &mut report);
    let key = args.connection.key.find(&mut input, output)?;
    secrets.check(key.as_ref(), &mut report);

    let mut clocks = Clocks::default();
    if args.connection.base_url().is_some() {
        let client = args.connection.client_with(key)?;
        let events = match args.event.as_slice() {
            [] => &EventType::DOCUMENTED,
            events => events,
        };
        provider::check(&args.url, events, &client, &mut report).await;
        clocks.provider = provider::clock(&client, timeout).await;
    } else {
        report.skip("the provider's list", "no --base-url");
    }

    if reach::check(&target, &mut report).await {
        match secrets.current.as_ref() {
            None => report.skip("the path to the receiver", "no secret"),
            Some(given) => {
                let mut prober = Prober::new(&target, &given.secret);
                if reach::answers(&mut prober, &mut report).await {
                    path::check(&mut prober, &secrets, &settings, &mut report).await;
                    if args.test_event {
                        path::test_event(&mut prober, &mut report).await;
                    }
                }
                clocks.receiver = prober.clock;
            }
        }
    }
    clocks.check(settings.tolerance, &mut report);
    store::check(&mut report).await;
    report.show(output)?;
    Ok(report.exit())
}
