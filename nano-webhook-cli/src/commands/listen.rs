mod forward;
mod receive;
mod record;
mod repeats;
mod save;
mod show;
#[cfg(feature = "ui")]
mod ui;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::http::StatusCode;
use futures_util::FutureExt as _;
use serde_json::json;

use self::receive::Receiver;
use self::record::Record;
use self::repeats::Repeats;
use self::save::Saver;
use crate::commands::verify;
use crate::exit::{Exit, Failure};
use crate::http::{Target, leads_to};
use crate::output::{Output, STRONG, styled};
use crate::secrets::{Given, Input, SecretSource};
use crate::shutdown;

/// Receive deliveries and show each as it arrives
///
/// A receiver for development. It answers as a service with this library does, and
/// shows each delivery: accepted or rejected, event and task, age. For a rejected
/// delivery it says why, as `verify` does.
///
/// It takes deliveries at every path.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4020")]
    addr: SocketAddr,

    /// Pass each POST request on to this URL unchanged, rejected ones as well, and
    /// answer with its answer
    #[arg(long, value_name = "URL")]
    forward_to: Option<String>,

    /// Forward to other machines, too
    #[arg(long, requires = "forward_to")]
    allow_remote: bool,

    /// Store each delivery in this folder: N.body and N.json, for `verify` and
    /// `send`. A later run goes on with the next number. A stored delivery has a valid
    /// signature in it
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,

    #[cfg(feature = "ui")]
    #[command(flatten)]
    ui: ui::UiArgs,

    /// Answer accepted deliveries with this status, to see what the sender does
    /// next
    #[arg(long, help_heading = "Receiver", value_name = "STATUS", default_value_t = 200,
          conflicts_with = "forward_to", value_parser = clap::value_parser!(u16).range(200..=599))]
    answer: u16,

    #[command(flatten)]
    rules: verify::Rules,

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

/// Called whenever more is known of a delivery.
type Watch = Box<dyn Fn(&mut Record) + Send + Sync>;

/// How long the service under development may take: longer than a breakpoint's first
/// look.
const FORWARD_TIMEOUT: Duration = Duration::from_secs(60);

/// So much of the service's answer is passed back.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// After Ctrl-C, requests that are being handled have this long to finish, and then
/// the records that are not shown yet.
const LAST: Duration = Duration::from_secs(5);

pub(crate) async fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    let signal = shutdown::signal()?;
    let bound = tokio::net::TcpListener::bind(args.addr).await;
    let (addr, listener) = bound
        .and_then(|listener| Ok((listener.local_addr()?, listener)))
        .map_err(|error| Failure::usage(format!("cannot listen at {}: {error}", args.addr)))?;
    let given = args.secrets(output)?;
    let forward_to = args
        .forward_to
        .as_deref()
        .map(|url| Target::new(url, args.allow_remote, FORWARD_TIMEOUT, LONGEST_ANSWER))
        .transpose()?;
    if forward_to
        .as_ref()
        .is_some_and(|to| leads_to(&to.url, addr))
    {
        return Err(Failure::usage(
            "--forward-to names the address that this command listens at; it would forward each delivery to itself",
        ));
    }
    let (shown, mut to_show) = tokio::sync::mpsc::unbounded_channel();
    let (saver, last_id) = args.save.map(Saver::open).transpose()?.unzip();
    let repeats = Repeats::default();
    #[cfg(feature = "ui")]
    let (page, watch) = args
        .ui
        .open(addr, &given, saver.as_ref(), &repeats, output)
        .await?;
    #[cfg(not(feature = "ui"))]
    let watch: Watch = Box::new(|_| {});
    let (end, ended) = tokio::sync::watch::channel(false);
    let receiver = Receiver {
        verifier: args.rules.verifier(&given)?,
        rules: args.rules,
        secrets: given,
        last_id: AtomicU64::new(last_id.unwrap_or_default()),
        repeats,
        forward_to,
        saver,
        answer: StatusCode::from_u16(args.answer).unwrap_or_default(),
        ended,
        watch,
        shown,
    };
    if !addr.ip().is_loopback() {
        output.warn("other machines can reach this receiver; it is meant for development");
    }
    let url = format!("http://{addr}/webhook");
    let line = format!("listening on {}", styled(STRONG, &url));
    output.result(&json!({ "type": "listening", "url": url }), line)?;
    #[cfg(feature = "ui")]
    if let Some(page) = page {
        ui::start(page, output)?;
    }
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serve = axum::serve(listener, receive::router(receiver));
    let serve = serve.with_graceful_shutdown(stopped.map(drop));
    let mut serving = tokio::spawn(serve.into_future());
    let mut signal = std::pin::pin!(signal);
    while !output.is_closed() {
        tokio::select! {
            () = &mut signal => break,
            Some(record) = to_show.recv() => show::show(&record, output)?,
        }
    }
    let _ = stop.send(());
    if tokio::time::timeout(LAST, &mut serving).await.is_err() {
        let _ = end.send(true);
        if tokio::time::timeout(LAST, &mut serving).await.is_err() {
            serving.abort();
        }
    }
    let rest = async {
        while let Some(record) = to_show.recv().await {
            show::show(&record, output)?;
        }
        Ok(())
    };
    let shown = tokio::time::timeout(LAST, rest).await.unwrap_or(Ok(()));
    shown.map(|()| Exit::Success)
}

impl Args {
    fn secrets(&self, output: &Output) -> Result<Vec<Given>, Failure> {
        let mut input = Input::default();
        let mut given = vec![self.secret.load(&mut input, output)?];
        for path in &self.previous_secret_file {
            given.push(Given::read("--previous-secret-file", path, &mut input)?.utf8()?);
        }
        Ok(given)
    }
}
