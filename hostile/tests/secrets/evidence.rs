use std::any::type_name;
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::io;
use std::sync::{Arc, Mutex};

use aho_corasick::AhoCorasick;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::needles::Needles;

/// All that was printed, with where it came from.
#[derive(Default)]
pub(crate) struct Evidence {
    pieces: Vec<(String, String)>,
    log: String,
    /// The types of all that was printed.
    types: BTreeSet<&'static str>,
}

impl Evidence {
    pub(crate) fn text(&mut self, from: &str, text: impl Into<String>) {
        self.pieces.push((from.to_owned(), text.into()));
    }

    /// Both forms of `Debug`.
    pub(crate) fn debug<T: Debug + ?Sized>(&mut self, from: &str, value: &T) {
        self.types.insert(type_name::<T>());
        self.text(&format!("Debug of {from}"), format!("{value:?} {value:#?}"));
    }

    pub(crate) fn display(&mut self, from: &str, value: &dyn Display) {
        self.text(&format!("Display of {from}"), value.to_string());
    }

    /// An error and all that is behind it.
    pub(crate) fn error<E: Error + 'static>(&mut self, from: &str, error: &E) {
        self.types.insert(type_name::<E>());
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = cause {
            self.debug(from, &error);
            self.display(from, &error);
            cause = error.source();
        }
    }

    pub(crate) fn add_log(&mut self, log: &Log) {
        let bytes = log.0.lock().unwrap().clone();
        self.log = String::from_utf8_lossy(&bytes).into_owned();
        for line in self.log.lines() {
            self.pieces.push(("the log".to_owned(), line.to_owned()));
        }
    }

    /// Whether something of this type was printed, by itself or within another.
    pub(crate) fn has_type(&self, krate: &str, name: &str) -> bool {
        let is_it = |path: &str| path.starts_with(krate) && path.ends_with(&format!("::{name}"));
        let separate = |char: char| !(char.is_alphanumeric() || char == '_' || char == ':');
        // What stands within something else is printed with its name, if it has one.
        let printed = [format!("{name} {{"), format!("{name}(")];
        let mut pieces = self.pieces.iter().map(|(_, text)| text);
        self.types
            .iter()
            .any(|printed| printed.split(separate).any(is_it))
            || pieces.any(|text| printed.iter().any(|begin| text.contains(begin)))
    }

    pub(crate) fn log_mentions(&self, text: &str) -> bool {
        self.log.contains(text)
    }

    pub(crate) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Each needle that was found, and where.
    pub(crate) fn find(&self, needles: &Needles) -> Vec<String> {
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(needles.texts())
            .unwrap();
        let mut found = Vec::new();
        for (from, text) in &self.pieces {
            // A list may stand on one line or on many.
            let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for hit in search.find_overlapping_iter(&one_line) {
                let what = needles.name(hit.pattern().as_usize());
                found.push(format!("{what} in {from}: {text}"));
            }
        }
        found
    }
}

/// The log of the process, of every crate, down to TRACE.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

pub(crate) fn capture_log() -> Log {
    let log = Log::default();
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(log.clone())
        .init();
    log
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
