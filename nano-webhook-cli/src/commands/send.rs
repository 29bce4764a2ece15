#[cfg(feature = "ui")]
mod again;
mod content;
mod expected;
mod load;
mod recipe;
mod tamper;

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use nano_webhook_core::Signer;

#[cfg(feature = "ui")]
pub(crate) use self::again::{Again, prepare};
pub(crate) use self::content::label;
use self::content::{Content, Event};
use self::expected::{Expected, show};
use self::recipe::{Recipe, Signing, Time};
use self::tamper::Tamper;
use crate::event_name::EventName;
use crate::exit::{Exit, Failure};
use crate::headers;
use crate::http::{Reuse, Target};
use crate::output::Output;
use crate::secrets::{Input, SecretSource};

/// Sign a delivery and post it
///
/// Signs as the provider documents it and posts to one URL, which must be on this
/// machine unless --allow-remote is given. Prints the status and the body of the
/// answer.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where to post, as in http://127.0.0.1:3000/webhook
    url: String,

    /// The event: `completed`, `failed`, or any name
    #[arg(default_value = "completed")]
    event: EventName,

    /// The task id [default: a new one for each delivery]
    #[arg(
        long,
        value_name = "ID",
        help_heading = "Content",
        conflicts_with = "body"
    )]
    task_id: Option<String>,

    /// The type of the task
    #[arg(
        long,
        value_name = "TYPE",
        default_value = "image",
        help_heading = "Content",
        conflicts_with = "body"
    )]
    task_type: String,

    /// The URL of the result of a completed job
    #[arg(
        long,
        value_name = "URL",
        help_heading = "Content",
        conflicts_with = "body"
    )]
    result_url: Option<String>,

    /// What the job cost [default: 6 for a completed job, else 0]
    #[arg(long, value_name = "NUMBER", help_heading = "Content", conflicts_with = "body", value_parser = parse_number)]
    credits: Option<serde_json::Number>,

    /// Why the job failed
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "the job failed",
        help_heading = "Content",
        conflicts_with = "body"
    )]
    reason: String,

    /// Send this body, byte for byte: a file, or `-` for standard input
    #[arg(
        long,
        value_name = "PATH",
        help_heading = "Content",
        conflicts_with = "event"
    )]
    body: Option<PathBuf>,

    /// Send the headers in this file and sign nothing: with --body, a replay of
    /// what `listen --save` stored
    #[arg(long, value_name = "PATH", help_heading = "Content", requires = "body",
          conflicts_with_all = ["timestamp", "millis", "stale", "secret_file"])]
    headers: Option<PathBuf>,

    /// Sign with this text as the timestamp, also if it is not a time [default: now]
    #[arg(long, value_name = "TEXT", help_heading = "Signature", allow_hyphen_values = true, conflicts_with_all = ["millis", "stale"])]
    timestamp: Option<String>,

    /// Write the timestamp in milliseconds instead of seconds
    #[arg(long, help_heading = "Signature")]
    millis: bool,

    /// Sign so many seconds ago [without a number: 600, twice what is tolerated]
    #[arg(long, value_name = "SECONDS", help_heading = "Signature", num_args = 0..=1, require_equals = true, default_missing_value = "600")]
    stale: Option<u64>,

    /// Change something after it was signed; may be given several times
    #[arg(long, value_name = "WHAT", help_heading = "Signature")]
    tamper: Vec<Tamper>,

    #[command(flatten)]
    secret: SecretSource,

    /// Send so many deliveries and print a summary
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Load", value_parser = clap::value_parser!(u64).range(1..))]
    repeat: u64,

    /// How many of them at the same time
    #[arg(long, value_name = "C", default_value_t = 1, help_heading = "Load", value_parser = super::verify::at_least_one)]
    concurrency: usize,

    /// How long to wait for an answer, in seconds
    #[arg(
        help_heading = "Request",long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,

    /// Succeed if the answer has this status, instead of any 2xx
    #[arg(
        help_heading = "Request",long, value_name = "STATUS", value_parser = clap::value_parser!(u16).range(100..=599))]
    expect: Option<u16>,

    /// Also send to other machines
    #[arg(help_heading = "Request", long)]
    allow_remote: bool,
}

const EXAMPLES: &str = "\
Examples:
  export NANO_WEBHOOK_SECRET=…
  nano-webhook send http://127.0.0.1:3000/webhook
  nano-webhook send http://127.0.0.1:3000/webhook failed --reason 'out of memory'
  nano-webhook send http://127.0.0.1:3000/webhook --tamper body --expect 401
  nano-webhook send http://127.0.0.1:3000/webhook --repeat 10000 --concurrency 32

With --repeat each delivery has a task of its own, unless --task-id or --body is given.

Exit codes: 0 every answer was 2xx (or what --expect says), 1 one was not, 2 it could not be
tried, 3 no answer, 130 interrupted.";

/// So much of an answer is kept.
const LONGEST_ANSWER: usize = 64 * 1024;

pub(crate) async fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    let timeout = Duration::from_secs(args.timeout);
    let target = Target::new(&args.url, args.allow_remote, timeout, LONGEST_ANSWER)?;
    let recipe = args.recipe(output)?;
    let expected = Expected(args.expect);
    if args.repeat > 1 {
        let plan = load::Plan {
            count: args.repeat,
            concurrency: args.concurrency,
        };
        return load::run(&plan, &target, &recipe, &expected, output).await;
    }
    let prepared = recipe.prepare()?;
    let answer = target
        .post(&prepared.headers, &prepared.body, Reuse::Never)
        .await?;
    show(&answer, &prepared, &expected, output)?;
    Ok(expected.exit(answer.status.as_u16()))
}

impl Args {
    fn recipe(&self, output: &Output) -> Result<Recipe, Failure> {
        let mut input = Input::default();
        let signing = match &self.headers {
            Some(path) => Signing::AsStored(headers::to_map(
                &headers::parse(&input.read("--headers", path)?)?.headers,
            )?),
            None => Signing::Sign {
                signer: Signer::new(self.secret.load(&mut input, output)?),
                time: self.time(),
            },
        };
        let content = match &self.body {
            Some(path) => Content::Body(Bytes::from(std::mem::take(
                &mut *input.read("--body", path)?,
            ))),
            None => Content::Event(Event {
                name: self.event.as_str().to_owned(),
                task_id: self.task_id.clone(),
                task_type: self.task_type.clone(),
                url: self.result_url.clone(),
                credits: self.credits.clone(),
                reason: self.reason.clone(),
            }),
        };
        Ok(Recipe {
            content,
            signing,
            tamper: self.tamper.clone(),
        })
    }

    fn time(&self) -> Time {
        match &self.timestamp {
            Some(text) => Time::Text(text.clone()),
            None => Time::Ago {
                age: Duration::from_secs(self.stale.unwrap_or_default()),
                millis: self.millis,
            },
        }
    }
}

fn parse_number(text: &str) -> Result<serde_json::Number, String> {
    text.parse().map_err(|_| "not a number".to_owned())
}
