//! The inspector: what `listen` receives, in a page.

mod tools;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use nano_webhook_core::UnixTime;
use nano_webhook_inspector::{self as inspector, Inspector, Page, Token, Verdict};
use serde_json::json;

use self::tools::{ListenTools, Notes};
use super::Watch;
use super::record::Record;
use super::repeats::Repeats;
use super::save::Saver;
use crate::commands::{trigger, verify};
use crate::exit::Failure;
use crate::headers::to_list;
use crate::output::{Output, STRONG, styled};
use crate::secrets::{ApiKey, Given};

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Inspector")]
pub(super) struct UiArgs {
    /// Show the deliveries in a page, too, at an address of its own: open the URL that
    /// is printed [without an address: 127.0.0.1:4021]
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "127.0.0.1:4021")]
    ui: Option<SocketAddr>,

    /// Serve the page to other machines, too. It has all bodies and signatures, and
    /// travels unencrypted
    #[arg(long, requires = "ui")]
    ui_allow_remote: bool,

    /// How many deliveries the page keeps, and at most 64 MiB
    #[arg(long, value_name = "N", default_value_t = Inspector::DEFAULT_KEEP, requires = "ui", value_parser = verify::at_least_one)]
    keep: usize,

    /// Let the page trigger jobs in the simulator at this base URL
    #[arg(long, value_name = "URL", requires = "ui")]
    simulator: Option<String>,

    #[command(flatten)]
    key: ApiKey,
}

impl UiArgs {
    /// The page, and what tells it of deliveries. What was stored by an earlier run is
    /// shown as well.
    pub(super) async fn open(
        &self,
        receiver: SocketAddr,
        given: &[Given],
        saver: Option<&Saver>,
        repeats: &Repeats,
        output: &Output,
    ) -> Result<(Option<Page>, Watch), Failure> {
        let (Some(addr), Some(Given { secret, .. })) = (self.ui, given.first()) else {
            return Ok((None, Box::new(|_| {})));
        };
        let own = tools::own_url(receiver);
        let notes = Arc::new(Notes::default());
        let simulator = match &self.simulator {
            Some(url) => Some((trigger::control(url, &self.key, output)?, url.clone())),
            None => None,
        };
        let tools = ListenTools {
            receiver: own.clone(),
            secret: secret.clone(),
            notes: Arc::clone(&notes),
            simulator,
        };
        let failed = |error| Failure::usage(format!("--ui: {error}"));
        let inspector = Inspector::builder(own.as_str())
            .keep(self.keep)
            .tools(tools);
        let inspector = inspector.build().map_err(failed)?;
        for record in saver.into_iter().flat_map(|saver| saver.last(self.keep)) {
            let record = shown(&record);
            if let (true, Some(event), Some(task)) =
                (record.secret.is_some(), &record.event, &record.task_id)
            {
                repeats.note(record.id, event, task);
            }
            inspector.put(record);
        }
        let token = match token_path() {
            Some(path) => Token::kept_in(&path)
                .map_err(|error| Failure::usage(format!("--ui: {}: {error}", path.display())))?,
            None => Token::random().map_err(failed)?,
        };
        let page = match self.ui_allow_remote {
            true => inspector.listen_anywhere(addr, token).await,
            false => inspector.listen(addr, token).await,
        };
        let page = page.map_err(|error| {
            let hint = match error.kind() {
                std::io::ErrorKind::InvalidInput => "; --ui-allow-remote allows it",
                std::io::ErrorKind::AddrInUse => "; --ui ADDR chooses another, port 0 a free one",
                _ => "",
            };
            Failure::usage(format!("--ui: {addr}: {error}{hint}"))
        })?;
        let watch = move |record: &mut Record| {
            notes.take(record);
            inspector.put(shown(record));
        };
        Ok((Some(page), Box::new(watch)))
    }
}

/// Serves the page until the command ends.
pub(super) fn start(page: Page, output: &Output) -> Result<(), Failure> {
    let url = page.url();
    if !page.addr().ip().is_loopback() {
        output.warn("other machines can reach the page; anyone with its URL sees every delivery");
    }
    tokio::spawn(page.serve());
    let line = format!("inspector at {}", styled(STRONG, &url));
    output.result(&json!({ "type": "inspector", "url": url }), line)
}

/// A delivery as the page shows it.
fn shown(record: &Record) -> inspector::Record {
    let facts = record.facts.clone();
    let received_at = UnixTime::from_millis(facts.received_at_ms);
    let mut shown = inspector::Record::new(record.id, received_at);
    shown.method.clone_from(&record.method);
    shown.path = facts.path;
    shown.headers.clone_from(&record.headers);
    shown.set_body(record.body.clone());
    shown.body_truncated = !facts.body_complete;
    let status = facts.status.unwrap_or(200);
    shown.verdict = match (facts.accepted, facts.repeat_of) {
        (None, _) => Verdict::InProgress,
        (Some(false), _) => Verdict::Rejected,
        (Some(true), _) if !(200..300).contains(&status) => Verdict::Failed,
        (Some(true), Some(_)) => Verdict::Duplicate,
        (Some(true), None) => Verdict::Accepted,
    };
    shown.code = facts.code;
    shown.reason = facts.problem;
    shown.secret = facts.matched_secret;
    shown.duplicate_of = facts.repeat_of;
    shown.note = facts.note;
    let millis = record.duration_ms;
    shown.took = millis.and_then(|millis| Duration::try_from_secs_f64(millis / 1e3).ok());
    let answer = record.answer.as_ref();
    shown.answer = facts.status.map(|status| inspector::Answer {
        status,
        headers: answer.map_or_else(Vec::new, |answer| to_list(answer.headers())),
        body: answer.map_or_else(Bytes::new, |answer| answer.body().clone()),
    });
    shown.cause = facts.explanation.map(|title| inspector::Cause {
        title,
        findings: record.hints.clone(),
    });
    shown.saved = record.saved.clone().and_then(Result::ok);
    shown
}

/// In the user's folder for state, by the XDG specification; on Windows in that for
/// local data.
fn token_path() -> Option<PathBuf> {
    let folder = |name| {
        let path = std::env::var_os(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let state = match cfg!(windows) {
        true => folder("LOCALAPPDATA"),
        false => folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state"))),
    };
    Some(state?.join("nano-webhook").join("inspector-token"))
}
