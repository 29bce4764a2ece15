mod causes;
mod diagnosis;
mod json_text;
mod search;

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use nano_webhook_core::{
    ConfigError, Delivery, HeaderField, MatchedSecret, Secret, Tolerance, UnixTime, Verifier,
    VerifierBuilder,
};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(crate) use diagnosis::{Case, Diagnosis, Refusal, describe};
pub(crate) use search::Effort;

use crate::exit::{Exit, Failure};
use crate::headers::{self, HeaderList};
use crate::input::Input;
use crate::output::{BAD, FAINT, GOOD, Output, styled};
use crate::secret_source::{self, SecretSource};
use crate::text::printable;

/// Check a signature, and say why it does not match
///
/// Judges body, timestamp and signature as a receiver would. If a receiver would
/// refuse them, it works out why: it undoes the mistakes that people make (a
/// newline at the end of the secret, a body that was parsed and printed again,
/// milliseconds for seconds, and dozens more), one by one and in pairs, until the
/// signature is right.
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
    /// lines, as `curl -v` shows them, or what `listen --save` wrote
    #[arg(long, value_name = "PATH", conflicts_with_all = ["timestamp", "signature"])]
    headers: Option<PathBuf>,

    /// The receiver's time: Unix seconds or milliseconds, or 2024-12-23T10:00:00Z
    /// [default: this machine's]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    now: Option<UnixTime>,

    /// How many seconds the timestamp may be off, either way
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    tolerance: u64,

    /// The largest body that the receiver takes, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = VerifierBuilder::DEFAULT_MAX_BODY, value_parser = at_least_one)]
    max_body: usize,

    /// Judge as a receiver that accepts re-serialised bodies
    #[arg(long)]
    accept_reserialized: bool,

    #[command(flatten)]
    secret: SecretSource,

    /// A secret that the receiver accepts beside the current one; may be given
    /// several times
    #[arg(long, value_name = "PATH", help_heading = "Secret")]
    previous_secret_file: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  nano-webhook verify --body body.json --timestamp 1734948000 --signature v1=5d1a… \\
      --secret-file secret.txt
  nano-webhook listen --save deliveries &     # then, for one that was refused:
  nano-webhook verify --body deliveries/0001.body --headers deliveries/0001.json

Exit codes: 0 verified, 1 not verified, 2 it could not be tried.";

pub(crate) fn run(args: &Args, output: &Output) -> Result<Exit, Failure> {
    let mut input = Input::default();
    let mut secrets = vec![args.secret.read(&mut input)?];
    for path in &args.previous_secret_file {
        let option = "--previous-secret-file";
        secrets.push(secret_source::from_file(option, path, &mut input)?);
    }
    let headers = args.headers(&mut input)?;
    let body = Bytes::from(std::mem::take(&mut *input.read("--body", &args.body)?));
    let verifier = Rules {
        tolerance: args.tolerance,
        max_body: args.max_body,
        accept_reserialized: args.accept_reserialized,
    }
    .verifier(&secrets)?;
    let secrets: Vec<_> = secrets.iter().collect();
    let now = args.now.unwrap_or_else(UnixTime::now);
    let case = Case {
        verifier: &verifier,
        secrets: &secrets,
        headers: &headers,
        body: &body,
        now,
    };
    match case.diagnose(Effort::THOROUGH) {
        Diagnosis::Verified(delivery) => {
            show_verified(&delivery, now, output)?;
            Ok(Exit::Success)
        }
        Diagnosis::Refused(refusal) => {
            show_refused(&refusal, output)?;
            Ok(Exit::No)
        }
    }
}

impl Args {
    fn headers(&self, input: &mut Input) -> Result<HeaderList, Failure> {
        if let Some(path) = &self.headers {
            return headers::parse(&input.read("--headers", path)?);
        }
        Ok([
            (HeaderField::Timestamp, &self.timestamp),
            (HeaderField::Signature, &self.signature),
        ]
        .into_iter()
        .filter_map(|(field, value)| Some((field.to_string(), value.as_ref()?.as_bytes().to_vec())))
        .collect())
    }
}

/// What a receiver is set to.
pub(crate) struct Rules {
    /// In seconds, either way.
    pub(crate) tolerance: u64,
    pub(crate) max_body: usize,
    pub(crate) accept_reserialized: bool,
}

impl Rules {
    /// A verifier with these secrets: the current one, then the previous ones.
    pub(crate) fn verifier(&self, secrets: &[Secret]) -> Result<Verifier, Failure> {
        self.build(secrets)
            .map_err(|error| Failure::because(Exit::Usage, &error))
    }

    fn build(&self, secrets: &[Secret]) -> Result<Verifier, ConfigError> {
        // A verifier takes its secrets, and the search needs them as well.
        let mut copies = secrets.iter().map(|secret| Secret::new(secret.expose()));
        let current = copies.next().unwrap_or(Err(ConfigError::EmptySecret))?;
        let mut builder = Verifier::builder(current)
            .tolerance(Tolerance::symmetric(Duration::from_secs(self.tolerance)))
            .max_body(self.max_body);
        for previous in copies {
            builder = builder.previous_secret(previous?);
        }
        if self.accept_reserialized {
            builder = builder.accept_reserialized();
        }
        builder.build()
    }
}

fn show_verified(delivery: &Delivery, now: UnixTime, output: &Output) -> Result<(), Failure> {
    let event = delivery.event();
    let previous = matches!(delivery.secret(), MatchedSecret::Previous(_));
    let explanation = match previous {
        false => "The signature is right.".to_owned(),
        true => format!(
            "The signature is right for {}, not for the current one: a receiver that knows only the current one refuses it.",
            describe(delivery.secret())
        ),
    };
    if output.is_json() {
        return output.json(&json!({
            "verified": true,
            "code": null,
            "cause": previous.then_some("previous_secret"),
            "causes": if previous { vec!["previous_secret"] } else { vec![] },
            "explanation": explanation,
            "hints": [],
            "event": event.name(),
            "task_id": event.task_id(),
            "signed_at_ms": delivery.signed_at().as_millis(),
            "matched_secret": if previous { "previous" } else { "current" },
        }));
    }
    let age = age(delivery.signed_at(), now);
    output.line(format_args!(
        "{} {}{}, {age}, with {}",
        styled(GOOD, "verified"),
        printable(event.name()),
        event
            .task_id()
            .map(|task| format!(" {}", printable(task)))
            .unwrap_or_default(),
        describe(delivery.secret()),
    ))?;
    if previous {
        output.line(explanation)?;
    }
    Ok(())
}

fn show_refused(refusal: &Refusal, output: &Output) -> Result<(), Failure> {
    let codes: Vec<_> = refusal.causes.iter().map(|cause| cause.code).collect();
    if output.is_json() {
        return output.json(&json!({
            "verified": false,
            "code": refusal.code,
            "cause": codes.first(),
            "causes": codes,
            "explanation": refusal.explanation,
            "hints": refusal.hints,
        }));
    }
    output.line(format_args!(
        "{} {}",
        styled(BAD, "not verified"),
        styled(FAINT, format_args!("({})", refusal.code)),
    ))?;
    output.line(printable(&refusal.explanation))?;
    for hint in &refusal.hints {
        output.line(format_args!("{} {hint}", styled(FAINT, "hint:")))?;
    }
    Ok(())
}

/// How long ago something was signed, for people.
pub(crate) fn age(signed_at: UnixTime, now: UnixTime) -> String {
    let (distance, direction) = match signed_at > now {
        true => (now.until(signed_at), "in the future"),
        false => (signed_at.until(now), "ago"),
    };
    format!("signed {:.1} s {direction}", distance.as_secs_f64())
}

fn parse_time(text: &str) -> Result<UnixTime, String> {
    if let Ok(number) = text.parse::<u64>() {
        return Ok(match number {
            0..100_000_000_000 => UnixTime::from_secs(number),
            millis => UnixTime::from_millis(millis),
        });
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
