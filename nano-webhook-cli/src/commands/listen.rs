mod capture;
mod deliveries;
mod forward;
mod judge;
mod record;
mod save;
mod serve;
mod service;
mod show;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_core::{Secret, Verifier, VerifierBuilder};
use serde_json::json;

use self::deliveries::Deliveries;
use self::forward::Forwarder;
use self::judge::Judge;
use self::save::Saver;
use self::service::Receiver;
use crate::commands::verify;
use crate::exit::{Exit, Failure};
use crate::input::Input;
use crate::loopback::Target;
use crate::output::{Output, STRONG, styled};
use crate::secret_source::{self, SecretSource};
use crate::shutdown;

/// Receive deliveries and show each as it arrives
///
/// A receiver for development. It answers as a service with this library would,
/// and says what that was: accepted or refused, which event and task, how old.
/// For what it refuses it works out why, as `verify` does.
///
/// It takes deliveries at every path. GET /deliveries returns the last ones as
/// JSON.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4020")]
    addr: SocketAddr,

    /// Pass each request on to this URL as it came, the refused ones as well, and
    /// answer what that answers
    #[arg(long, value_name = "URL")]
    forward_to: Option<String>,

    /// Forward to other machines, too
    #[arg(long, requires = "forward_to")]
    allow_remote: bool,

    /// Store each delivery in this folder: N.body and N.json, for `verify` and
    /// `send`. A stored delivery has a valid signature in it
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,

    /// How many deliveries to keep in memory
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = verify::at_least_one)]
    keep: usize,

    /// Answer accepted deliveries with this status, to see what the sender does
    /// then
    #[arg(long, value_name = "STATUS", default_value_t = 200, conflicts_with = "forward_to",
          value_parser = clap::value_parser!(u16).range(200..=599))]
    answer: u16,

    /// How many seconds a timestamp may be off, either way
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    tolerance: u64,

    /// The largest body to take, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = VerifierBuilder::DEFAULT_MAX_BODY, value_parser = verify::at_least_one)]
    max_body: usize,

    /// Also accept bodies that were re-serialised on their way
    #[arg(long)]
    accept_reserialized: bool,

    #[command(flatten)]
    secret: SecretSource,

    /// Also accept what this secret signed; may be given several times
    #[arg(long, value_name = "PATH", help_heading = "Secret")]
    previous_secret_file: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  nano-webhook listen --secret-file secret.txt
  nano-webhook listen --forward-to http://127.0.0.1:3000/webhook --save deliveries
  nano-webhook send http://127.0.0.1:3000/webhook --body deliveries/0001.body
  nano-webhook send http://127.0.0.1:3000/webhook --body deliveries/0001.body \\
      --headers deliveries/0001.json          # the same signature: a replay

Ctrl-C ends it with exit code 0.";

/// After the end, what is still being worked out has this long to be shown.
const LAST_WORDS: Duration = Duration::from_secs(5);

pub(crate) async fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    let signal = shutdown::signal()?;
    let secrets = args.secrets(output)?;
    let forwarder = match &args.forward_to {
        Some(url) => Some(Forwarder::new(Target::parse(url, args.allow_remote)?)?),
        None => None,
    };
    let saver = args.save.clone().map(Saver::open).transpose()?;
    let receiver = Receiver {
        judge: Judge::new(args.verifier(&secrets)?, secrets),
        deliveries: Deliveries::new(args.keep),
        forwarder,
        saver,
        answer: args.answer,
    };
    let listener = tokio::net::TcpListener::bind(args.addr)
        .await
        .and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (addr, listener) = listener
        .map_err(|error| Failure::usage(format!("cannot listen at {}: {error}", args.addr)))?;
    if !addr.ip().is_loopback() {
        output.warn("other machines can reach this receiver; it is meant for development");
    }
    announce(addr, output)?;
    let (shown, mut to_show) = tokio::sync::mpsc::unbounded_channel();
    let app = service::router(Arc::new(receiver), shown);
    let unread = tokio::sync::Notify::new();
    let end = async {
        tokio::select! {
            () = signal => {}
            () = unread.notified() => {}
        }
    };
    let mut serving = Box::pin(serve::serve(listener, app, end));
    loop {
        tokio::select! {
            () = &mut serving => break,
            Some(record) = to_show.recv() => show::show(&record, output)?,
        }
        if output.is_closed() {
            unread.notify_one();
        }
    }
    drop(serving);
    // What came in with the last requests: until nobody is left to send any.
    let rest = async {
        while let Some(record) = to_show.recv().await {
            show::show(&record, output)?;
        }
        Ok(())
    };
    tokio::time::timeout(LAST_WORDS, rest)
        .await
        .unwrap_or(Ok(()))?;
    Ok(Exit::Success)
}

fn announce(addr: SocketAddr, output: &Output) -> Result<(), Failure> {
    let url = format!("http://{addr}/webhook");
    match output.is_json() {
        true => output.json(&json!({ "type": "listening", "url": url })),
        false => output.line(format_args!("listening on {}", styled(STRONG, url))),
    }
}

impl Args {
    fn secrets(&self, output: &Output) -> Result<Vec<Secret>, Failure> {
        let mut input = Input::default();
        let mut secrets = vec![self.secret.load(&mut input, output)?];
        for path in &self.previous_secret_file {
            secrets.push(secret_source::from_file(
                "--previous-secret-file",
                path,
                &mut input,
            )?);
        }
        Ok(secrets)
    }

    fn verifier(&self, secrets: &[Secret]) -> Result<Verifier, Failure> {
        verify::Rules {
            tolerance: self.tolerance,
            max_body: self.max_body,
            accept_reserialized: self.accept_reserialized,
        }
        .verifier(secrets)
    }
}
