#[cfg(feature = "ui")]
mod again;
mod delivery;
mod expected;
mod load;

use std::path::PathBuf;
use std::time::Duration;

use nano_webhook_client::EventType;
use nano_webhook_core::Signer;

#[cfg(feature = "ui")]
pub(crate) use self::again::prepare;
#[cfg(feature = "ui")]
pub(crate) use self::delivery::Prepared;
use self::delivery::{Content, Recipe, Signature, Signing};
pub(crate) use self::expected::label;
use self::expected::{Expected, show};
use crate::cli::event;
use crate::exit::{Exit, Failure};
use crate::headers;
use crate::http::Target;
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
    #[arg(default_value = "completed", value_parser = event)]
    event: EventType,

    #[command(flatten)]
    content: Content,

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

    #[command(flatten)]
    signature: Signature,

    #[command(flatten)]
    secret: SecretSource,

    #[command(flatten)]
    load: load::Plan,

    /// How long to wait for an answer, in seconds
    #[arg(long, help_heading = "Request", value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,

    /// Succeed if the answer has this status, instead of any 2xx
    #[arg(long, help_heading = "Request", value_name = "STATUS", value_parser = clap::value_parser!(u16).range(100..=599))]
    expect: Option<u16>,

    /// Also send to other machines
    #[arg(long, help_heading = "Request")]
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
    let expected = Expected(args.expect);
    let load = args.load;
    let recipe = args.recipe(output)?;
    if load.repeat > 1 {
        return load::run(&load, &target, &recipe, &expected, output).await;
    }
    let prepared = recipe.prepare()?;
    let answer = target.post(&prepared.headers, &prepared.body).await?;
    show(&answer, &prepared, &expected, output)?;
    Ok(expected.exit(answer.status.as_u16()))
}

impl Args {
    fn recipe(self, output: &Output) -> Result<Recipe, Failure> {
        let mut input = Input::default();
        let signing = match &self.headers {
            Some(path) => {
                let stored = headers::parse(&input.read("--headers", path)?)?;
                Signing::AsStored(headers::to_map(&stored.headers)?)
            }
            None => Signing::Sign(Signer::new(self.secret.load(&mut input, output)?.secret)),
        };
        let body = match &self.body {
            Some(path) => Some(input.read_bytes("--body", path)?),
            None => None,
        };
        Ok(Recipe {
            event: self.event,
            content: self.content,
            body,
            signing,
            signature: self.signature,
        })
    }
}
