use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nano_webhook_core::Secret;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::{Record, Records};
use crate::error::{RegisterError, StartError};

/// Changes when an older simulator could not read the file.
const VERSION: u32 = 1;

/// The file that a simulator keeps its webhooks in, secrets included.
pub(super) struct StateFile(PathBuf);

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    next_id: u64,
    webhooks: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    id: u64,
    url: String,
    events: Vec<String>,
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_key: Option<String>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.secret_key.zeroize();
    }
}

impl StateFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// What is in it; nothing if it is not there.
    pub(super) async fn read(&self) -> Result<Records, StartError> {
        let path = self.0.clone();
        match blocking(move || std::fs::read(path).map(Zeroizing::new)).await {
            Ok(json) => parse(&json).map_err(|problem| StartError::InvalidState {
                path: self.0.clone(),
                problem,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Records::default()),
            Err(source) => Err(StartError::ReadState {
                path: self.0.clone(),
                source,
            }),
        }
    }

    /// Puts a new file in the place of the old one: who reads sees the one or
    /// the other, also when the power fails.
    pub(super) async fn write(&self, records: &Records) -> Result<(), RegisterError> {
        let path = self.0.clone();
        let document = Document::from(records);
        blocking(move || {
            let json = Zeroizing::new(serde_json::to_vec_pretty(&document)?);
            replace(&path, &json)
        })
        .await
        .map_err(|source| RegisterError::WriteState {
            path: self.0.clone(),
            source,
        })
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
}

fn replace(path: &Path, json: &[u8]) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // Made for its owner only, and the file takes its permissions over.
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(json)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// The error says where, but not what: there are secrets in this file.
fn parse(json: &[u8]) -> Result<Records, String> {
    let document: Document = serde_json::from_slice(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("it cannot be read from line {line}, column {column} on")
    })?;
    if document.version != VERSION {
        return Err(format!(
            "it has version {}, not {VERSION}",
            document.version
        ));
    }
    let mut records = Records::default();
    for mut entry in document.webhooks {
        let id = entry.id;
        if records.all.iter().any(|record| record.id == id) {
            return Err(format!("webhook {id} is there twice"));
        }
        let secret = (entry.secret_key.take())
            .map(Secret::new)
            .transpose()
            .map_err(|_| format!("the secret_key of webhook {id} is empty"))?;
        records.next_id = records.next_id.max(id.saturating_add(1));
        records.all.push(Record {
            id,
            url: std::mem::take(&mut entry.url),
            events: std::mem::take(&mut entry.events),
            status: std::mem::take(&mut entry.status),
            secret: secret.map(Arc::new),
        });
    }
    records.next_id = records.next_id.max(document.next_id);
    Ok(records)
}

impl From<&Records> for Document {
    fn from(records: &Records) -> Self {
        let entry = |record: &Record| Entry {
            id: record.id,
            url: record.url.clone(),
            events: record.events.clone(),
            status: record.status.clone(),
            secret_key: (record.secret.as_ref()).map(|secret| secret.expose().to_owned()),
        };
        Self {
            version: VERSION,
            next_id: records.next_id,
            webhooks: records.all.iter().map(entry).collect(),
        }
    }
}
