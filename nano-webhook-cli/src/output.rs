use std::fmt::Display;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::exit::Failure;

/// Where results go: standard output, as text for people or as JSON for
/// scripts. Notes and progress go to standard error.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    /// Set by the first write that fails.
    closed: AtomicBool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            json,
            closed: AtomicBool::new(false),
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether standard output takes nothing more: its reader has gone away, as
    /// `head` does, or its disk is full. A command that runs until it is told to
    /// stop takes that as being told.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// A line for people. Styles are dropped unless they go to a terminal.
    pub(crate) fn line(&self, line: impl Display) -> Result<(), Failure> {
        let mut stdout = anstream::stdout().lock();
        self.check(writeln!(stdout, "{line}").and_then(|()| stdout.flush()))
    }

    /// One JSON text in one line.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value)
            .map_err(|error| Failure::usage(format!("no JSON can be written: {error}")))?;
        let mut stdout = io::stdout().lock();
        self.check(writeln!(stdout, "{text}").and_then(|()| stdout.flush()))
    }

    /// A result, as a line for people or as JSON for scripts.
    pub(crate) fn result(&self, json: &impl Serialize, line: impl Display) -> Result<(), Failure> {
        match self.json {
            true => self.json(json),
            false => self.line(line),
        }
    }

    /// Bytes as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        self.check(stdout.write_all(bytes).and_then(|()| stdout.flush()))
    }

    /// A note in addition to the result. That it cannot be written is no failure.
    pub(crate) fn note(&self, note: impl Display) {
        let _ = writeln!(anstream::stderr().lock(), "{note}");
    }

    pub(crate) fn warn(&self, warning: impl Display) {
        self.note(format_args!("{}: {warning}", styled(WARNING, "warning")));
    }

    pub(crate) fn fail(&self, failure: &Failure) {
        let error = styled(BAD, "error");
        self.note(format_args!("{error}: {}", failure.message));
        // It may have the only copy of a secret.
        if self.json && (self.json(&failure.to_json()).is_err() || self.is_closed()) {
            self.note(failure.to_json());
        }
    }

    /// A reader that went away must change neither the exit code nor cause a
    /// panic. Every other error (a full disk, say) must be seen.
    fn check(&self, written: io::Result<()>) -> Result<(), Failure> {
        if written.is_err() {
            self.closed.store(true, Ordering::Relaxed);
        }
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Failure::usage(format!(
                "standard output cannot be written: {error}"
            ))),
            Ok(()) => Ok(()),
        }
    }
}

pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

/// A text in a style.
pub(crate) fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
