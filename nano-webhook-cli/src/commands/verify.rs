mod candidates;
mod case;
mod hints;
mod rows;
mod search;
mod show;
mod signature;
mod standing;

use std::path::PathBuf;
use std::time::Duration;

use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{UnixTime, Verifier, VerifierBuilder};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(crate) use case::{Case, Rejection};
use rows::Fault;
pub(crate) use search::Effort;
pub(crate) use show::age;

use crate::exit::{Exit, Failure};
use crate::headers::{self, FromFile};
use crate::output::Output;
use crate::secrets::{Given, Input, SecretSource};

/// Check a signature, and say why it does not match
///
/// Verifies body, timestamp and signature as a receiver would. If a receiver would
/// reject them, it finds out why: it undoes common mistakes (a newline at the end of
/// the secret, a body inside the event of an API gateway, milliseconds for seconds,
/// and about a hundred more), one by one and combined, until the signature matches.
///
/// It never prints a secret, nor the signature that would be right.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The body, byte for byte: a file, or `-` for standard input
    #[arg(long, value_name = "PATH")]
    body: PathBuf,

    /// The value of X-Nano-Timestamp
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        required_unless_present = "headers"
    )]
    timestamp: Option<String>,

    /// The value of X-Nano-Signature
    #[arg(long, value_name = "TEXT", required_unless_present = "headers")]
    signature: Option<String>,

    /// Read all headers from this file, or from standard input if it is `-`: raw
    /// lines, the output of `curl -v`, what `listen --save` wrote, or other JSON with
    /// headers in it
    #[arg(long, value_name = "PATH", conflicts_with_all = ["timestamp", "signature"])]
    headers: Option<PathBuf>,

    /// The receiver's time: Unix seconds or milliseconds, or 2024-12-23T10:00:00Z
    /// [default: when `listen --save` received it, or this machine's clock]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    now: Option<UnixTime>,

    #[command(flatten)]
    rules: Rules,

    #[command(flatten)]
    secret: SecretSource,

    /// A secret that the receiver accepts in addition to the current one; may be given
    /// several times
    #[arg(long, value_name = "PATH", help_heading = "Secret")]
    previous_secret_file: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  nano-webhook verify --body body.json --timestamp 1734948000 --signature v1=5d1a… \\
      --secret-file secret.txt
  nano-webhook listen --save deliveries &     # then, for one that was rejected:
  nano-webhook verify --body deliveries/0001.body --headers deliveries/0001.json

Exit codes: 0 verified, 1 not verified, 2 it could not be tried.";

pub(crate) fn run(args: &Args, output: &Output) -> Result<Exit, Failure> {
    let mut input = Input::default();
    let mut given = vec![args.secret.read(&mut input)?];
    for path in &args.previous_secret_file {
        given.push(Given::read("--previous-secret-file", path, &mut input)?);
    }
    let FromFile {
        headers,
        received_at,
    } = args.headers(&mut input)?;
    let body = input.read_bytes("--body", &args.body)?;
    let verifier = args.rules.verifier(&given)?;
    let now = args.now.or(received_at).unwrap_or_else(UnixTime::now);
    let case = Case {
        given: &given,
        headers: &headers,
        body: &body,
        now,
        tolerance: args.rules.tolerance,
    };
    match verifier.verify(&headers, body.clone(), now) {
        Ok(delivery) => {
            show::verified(&delivery, now, output)?;
            Ok(Exit::Success)
        }
        Err(error) => {
            show::rejected(&case.explain(&error, Effort::THOROUGH), output)?;
            Ok(Exit::No)
        }
    }
}

impl Args {
    fn headers(&self, input: &mut Input) -> Result<FromFile, Failure> {
        if let Some(path) = &self.headers {
            return headers::parse(&input.read("--headers", path)?);
        }
        let given = [
            (HeaderField::Timestamp, &self.timestamp),
            (HeaderField::Signature, &self.signature),
        ];
        let headers = given.into_iter().filter_map(|(field, value)| {
            Some((field.to_string(), value.as_ref()?.as_bytes().to_vec()))
        });
        Ok(FromFile {
            headers: headers.collect(),
            received_at: None,
        })
    }
}

/// The settings of a receiver.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Receiver")]
pub(crate) struct Rules {
    /// How many seconds the timestamp may be off, either way
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) tolerance: u64,

    /// The largest body that the receiver takes, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = VerifierBuilder::DEFAULT_BODY_LIMIT, value_parser = at_least_one)]
    pub(crate) max_body: usize,

    /// Also accept bodies that were re-serialised on their way
    #[arg(long)]
    accept_reserialized: bool,
}

impl Rules {
    /// A verifier with these secrets: the current one, then the previous ones.
    pub(crate) fn verifier(&self, secrets: &[Given]) -> Result<Verifier, Failure> {
        let mut secrets = secrets.iter().map(|given| given.secret.clone());
        let current = secrets.next().ok_or_else(|| Failure::usage("no secret"))?;
        let mut builder = Verifier::builder(current)
            .tolerance(Duration::from_secs(self.tolerance))
            .body_limit(self.max_body);
        for previous in secrets {
            builder = builder.previous_secret(previous);
        }
        if self.accept_reserialized {
            builder = builder.accept_reserialized();
        }
        Ok(builder.build()?)
    }
}

/// As receivers read it: in seconds or in milliseconds.
fn unix_time(number: u64) -> UnixTime {
    match number {
        0..100_000_000_000 => UnixTime::from_secs(number),
        millis => UnixTime::from_millis(millis),
    }
}

fn parse_time(text: &str) -> Result<UnixTime, String> {
    if let Ok(number) = text.parse() {
        return Ok(unix_time(number));
    }
    OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .and_then(|time| u64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok())
        .map(UnixTime::from_millis)
        .ok_or_else(|| "neither a Unix time nor of the form 2024-12-23T10:00:00Z".to_owned())
}

pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("not a whole number".to_owned()),
    }
}
