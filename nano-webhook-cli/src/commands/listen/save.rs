use std::path::{Path, PathBuf};

use super::record::Record;
use crate::exit::Failure;
use crate::secrets::write_new;

/// Stores deliveries in a folder.
pub(super) struct Saver {
    folder: PathBuf,
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
        let head = serde_json::to_vec_pretty(record);
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
            match write_new(&path, &record.body) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    number = (number.checked_add(1))
                        .ok_or_else(|| format!("{}: no number is left", path.display()))?;
                }
                Err(error) => return Err(format!("{}: {error}", path.display())),
            }
        }
    }

    /// The last stored deliveries, at most so many, the oldest first. What cannot be
    /// read is left out.
    #[cfg(feature = "ui")]
    pub(super) fn last(&self, most: usize) -> Vec<Record> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten();
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let heads = paths.filter(|path| path.extension().is_some_and(|it| it == "json"));
        let mut heads: Vec<_> = heads
            .filter_map(|path| Some((number(&path)?, path)))
            .collect();
        heads.sort();
        let skipped = heads.len().saturating_sub(most);
        let read = |(id, path): (u64, PathBuf)| {
            let mut record: Record = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
            // Every stored delivery has a verdict.
            record.facts.accepted?;
            let path = path.with_extension("body");
            record.id = id;
            record.body = std::fs::read(&path).ok()?.into();
            record.saved = Some(Ok(path));
            Some(record)
        };
        heads.into_iter().skip(skipped).filter_map(read).collect()
    }
}

/// The number that a file's name begins with.
fn number(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.split('.').next()?.parse().ok()
}
