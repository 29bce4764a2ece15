use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::record::{Record, Verdict};
use crate::exit::Failure;
use crate::headers::latin1_text;
use crate::secrets::write_new;

/// Stores deliveries in a folder.
pub(super) struct Saver {
    folder: PathBuf,
}

/// What is stored in addition to a body.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct SavedHead {
    /// When it arrived, in milliseconds since the Unix epoch.
    pub(super) received_at_ms: u64,
    pub(super) method: String,
    pub(super) path: String,
    /// Values are Latin-1, one character for each byte, so nothing is lost.
    pub(super) headers: Vec<(String, String)>,
    #[serde(default = "yes")]
    pub(super) body_complete: bool,
    /// Whether it was accepted.
    pub(super) accepted: bool,
    /// The code of the rejection.
    pub(super) code: Option<String>,
    pub(super) problem: Option<String>,
    pub(super) explanation: Option<String>,
    #[serde(default)]
    pub(super) hints: Vec<String>,
    pub(super) matched_secret: Option<String>,
    pub(super) repeat_of: Option<u64>,
    pub(super) note: Option<String>,
    /// The status of the answer.
    pub(super) status: Option<u16>,
    pub(super) duration_ms: Option<f64>,
}

fn yes() -> bool {
    true
}

impl Saver {
    /// Opens the folder. Gives the highest number in it as well.
    pub(super) fn open(folder: PathBuf) -> Result<(Self, u64), Failure> {
        let opened = std::fs::create_dir_all(&folder).and_then(|()| {
            let names = std::fs::read_dir(&folder)?;
            let numbers = names.filter_map(|entry| number(&entry.ok()?.path()));
            Ok(numbers.max().unwrap_or_default())
        });
        match opened {
            Ok(last) => Ok((Self { folder }, last)),
            Err(error) => Err(Failure::usage(format!(
                "--save: {} cannot be opened: {error}",
                folder.display()
            ))),
        }
    }

    /// Writes the body, then the head: only a body with a head is a stored delivery,
    /// so nothing is half stored after a crash. Gives the path of the body; that of
    /// the head ends in `.json`.
    pub(super) fn save(&self, record: &Record) -> Result<PathBuf, String> {
        let head = serde_json::to_vec_pretty(&SavedHead::of(record));
        let body = self.store_body(record)?;
        let path = body.with_extension("json");
        let part = body.with_extension("json.part");
        head.map_err(std::io::Error::from)
            .and_then(|head| write_new(&part, &head))
            .and_then(|()| std::fs::rename(&part, &path))
            .map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(body)
    }

    /// Takes the next number if another process has taken this one.
    fn store_body(&self, record: &Record) -> Result<PathBuf, String> {
        let mut number = record.id;
        loop {
            let path = self.folder.join(format!("{number:04}.body"));
            match write_new(&path, &record.body.bytes) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    number = number.saturating_add(1);
                }
                Err(error) => return Err(format!("{}: {error}", path.display())),
            }
        }
    }

    /// The last stored deliveries, at most so many, the oldest first. What cannot be
    /// read is left out.
    #[cfg(feature = "ui")]
    pub(super) fn last(&self, most: usize) -> Vec<(u64, PathBuf, SavedHead, Vec<u8>)> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten();
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let heads = paths.filter(|path| path.extension().is_some_and(|it| it == "json"));
        let mut heads: Vec<_> = heads
            .filter_map(|path| Some((number(&path)?, path)))
            .collect();
        heads.sort();
        let skipped = heads.len().saturating_sub(most);
        let read = |(number, path): (u64, PathBuf)| {
            let head = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
            let path = path.with_extension("body");
            let body = std::fs::read(&path).ok()?;
            Some((number, path, head, body))
        };
        heads.into_iter().skip(skipped).filter_map(read).collect()
    }
}

/// The number that a file's name begins with.
fn number(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.split('.').next()?.parse().ok()
}

impl SavedHead {
    fn of(record: &Record) -> Self {
        let (problem, explained) = match &record.verdict {
            Verdict::Rejected {
                error, explained, ..
            } => (Some(error.to_string()), explained.as_ref()),
            _ => (None, None),
        };
        Self {
            received_at_ms: record.received_at.as_millis(),
            method: record.method.clone(),
            path: record.path.clone(),
            headers: (record.headers.iter())
                .map(|(name, value)| (name.clone(), latin1_text(value)))
                .collect(),
            body_complete: record.body.is_complete,
            accepted: record.is_accepted(),
            code: record.code().map(str::to_owned),
            problem,
            explanation: explained.map(|explained| explained.explanation.clone()),
            hints: explained.map_or_else(Vec::new, |explained| explained.hints.clone()),
            matched_secret: record.matched_secret().map(str::to_owned),
            repeat_of: record.repeat_of,
            note: record.note.clone(),
            status: record.status(),
            duration_ms: record.took.map(|took| took.as_secs_f64() * 1e3),
        }
    }
}
