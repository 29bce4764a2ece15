use std::net::SocketAddr;
use std::time::Duration;

use nano_webhook_simulator::{Attempt, Next, Simulator};
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::output::{BAD, FAINT, GOOD, Output, STRONG, styled};
use crate::secrets::{ApiKey, Input};
use crate::shutdown;
use crate::text::{clock, label, latency, printable};

/// Run a provider on this machine
///
/// Serves the management API with the documented shapes. `endpoints` registers
/// webhooks with it, and `trigger` makes a job end: it then signs and delivers
/// the event to every active webhook that subscribes to it, and shows each
/// attempt.
///
/// The retries and their backoff are the simulator's own; the provider documents
/// none. It delivers to this machine only, unless --allow-remote is given.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES,
    mut_arg("api_key_file", |it| it.help("Ask for the API key in this file, or from standard input if it is `-`. One newline at its end is dropped")),
    mut_arg("api_key_env", |it| it.help("Ask for the API key in this environment variable [default: ask for none]")),
    mut_arg("auth_header", |it| it.help("Ask for the key in this header, instead of in Authorization: Bearer")))]
pub(crate) struct Args {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4010")]
    addr: SocketAddr,

    /// Also deliver to other machines
    #[arg(long)]
    allow_remote: bool,

    /// How often to try a delivery, the first time included
    #[arg(long, value_name = "N", default_value_t = 5, help_heading = "Retries", value_parser = clap::value_parser!(u32).range(1..))]
    attempts: u32,

    /// The wait before the second attempt, in seconds; it doubles each time
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, help_heading = "Retries", value_parser = parse_seconds)]
    backoff: f64,

    /// The longest wait, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, help_heading = "Retries", value_parser = parse_seconds)]
    max_backoff: f64,

    /// How long a receiver may take to answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, help_heading = "Retries", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,

    #[command(flatten)]
    key: ApiKey,
}

const EXAMPLES: &str = "\
Examples:
  nano-webhook simulate
  nano-webhook endpoints ensure http://127.0.0.1:3000/webhook --base-url http://127.0.0.1:4010
  nano-webhook trigger completed

With --api-key-file or --api-key-env it asks every caller for that key; without, for none.

Ctrl-C ends it with exit code 0.";

pub(crate) async fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    let mut signal = std::pin::pin!(shutdown::signal()?);
    let mut builder = Simulator::builder()
        .max_attempts(args.attempts)
        .backoff(seconds(args.backoff), seconds(args.max_backoff))
        .delivery_timeout(Duration::from_secs(args.timeout));
    if args.allow_remote {
        builder = builder.deliver_anywhere();
    }
    let key = args.key.named(&mut Input::default(), output)?;
    let is_open = key.is_none();
    builder = match (key, &args.key.auth_header) {
        (Some(key), Some(name)) => builder.require_header(name, key),
        (Some(key), None) => builder.require_bearer(key),
        (None, _) => builder,
    };
    if is_open && (args.allow_remote || !args.addr.ip().is_loopback()) {
        output.warn(
            "anyone who reaches this simulator can make it send requests; ask for a key with --api-key-file",
        );
    }
    let simulator = builder.start(args.addr).await?;
    let mut attempts = simulator.watch();
    let url = simulator.base_url();
    let line = format!("simulating at {}", styled(STRONG, &url));
    output.result(&json!({ "type": "listening", "url": url }), line)?;
    loop {
        tokio::select! {
            Some(attempt) = attempts.next() => show(&attempt, output)?,
            () = &mut signal => break,
        }
        if output.is_closed() {
            break;
        }
    }
    simulator.shutdown().await;
    while let Some(attempt) = attempts.next().await {
        show(&attempt, output)?;
    }
    Ok(Exit::Success)
}

fn show(attempt: &Attempt, output: &Output) -> Result<(), Failure> {
    let mut value = json!(attempt);
    if let Some(object) = value.as_object_mut() {
        object.insert("type".to_owned(), json!("attempt"));
    }
    let time = styled(FAINT, clock(attempt.started_at_ms / 1000));
    output.result(&value, format_args!("{time} {}", line(attempt)))
}

/// One attempt, for people.
pub(crate) fn line(attempt: &Attempt) -> String {
    let is_acknowledged = attempt.result.is_acknowledged();
    let style = if is_acknowledged { GOOD } else { BAD };
    let time = |millis| latency(Duration::from_millis(millis));
    let next = match attempt.next {
        Next::Retry { in_ms } => format!(", again in {}", time(in_ms)),
        Next::GiveUp => ", given up".to_owned(),
        _ => String::new(),
    };
    let took = match attempt.duration_ms {
        0 => "in less than 1 ms".to_owned(),
        millis => format!("in {}", time(millis)),
    };
    format!(
        "{} → webhook {} {}  attempt {}: {} {}{next}",
        label(Some(&attempt.event), Some(&attempt.task_id)),
        attempt.webhook_id,
        printable(&attempt.url),
        attempt.attempt,
        styled(style, printable(&attempt.result.to_string())),
        styled(FAINT, took),
    )
}

fn parse_seconds(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|seconds| Duration::try_from_secs_f64(*seconds).is_ok())
        .ok_or_else(|| "not a number of seconds".to_owned())
}

/// The parser has seen that it fits.
fn seconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number).unwrap_or_default()
}
