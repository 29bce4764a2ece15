use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use super::record::Record;
use crate::exit::Failure;
use crate::headers::{SavedHead, latin1_text};
use crate::secrets::write_new;

/// Stores deliveries in a folder.
pub(super) struct Saver {
    folder: PathBuf,
    last_number: AtomicU64,
}

impl Saver {
    pub(super) fn open(folder: PathBuf) -> Result<Self, Failure> {
        match std::fs::create_dir_all(&folder) {
            Ok(()) => Ok(Self {
                folder,
                last_number: AtomicU64::new(0),
            }),
            Err(error) => Err(Failure::usage(format!(
                "--save: {} cannot be made: {error}",
                folder.display()
            ))),
        }
    }

    /// Writes the body and the head. Gives the path of the body; that of the
    /// head ends in `.json`.
    pub(super) fn save(&self, record: &Record) -> Result<PathBuf, String> {
        let head = SavedHead {
            received_at_ms: record.received_at.as_millis(),
            method: record.method.clone(),
            path: record.path.clone(),
            headers: record
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), latin1_text(value)))
                .collect(),
            accepted: record.is_accepted(),
            code: record.code().map(str::to_owned),
        };
        let head = serde_json::to_vec_pretty(&head).map_err(|error| error.to_string())?;
        self.store(&record.body.bytes, &head)
    }

    /// Takes the next number that is free: what an earlier run stored stays.
    fn store(&self, content: &[u8], head: &[u8]) -> Result<PathBuf, String> {
        loop {
            let number = self
                .last_number
                .fetch_add(1, Ordering::Relaxed)
                .saturating_add(1);
            let body = self.folder.join(format!("{number:04}.body"));
            match write_new(&body, content) {
                Ok(()) => {
                    let path = body.with_extension("json");
                    return match write_new(&path, head) {
                        Ok(()) => Ok(body),
                        Err(error) => Err(format!("{}: {error}", path.display())),
                    };
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(format!("{}: {error}", body.display())),
            }
        }
    }
}
