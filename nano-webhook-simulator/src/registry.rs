use std::path::PathBuf;
use std::sync::Arc;

use nano_webhook_core::Secret;
use reqwest::Url;
use serde::Serialize;
use tokio::sync::Mutex;

use crate::error::{RegisterError, StartError};

mod state_file;

use state_file::StateFile;

const ACTIVE: &str = "active";
const EVENTS: [&str; 2] = ["job.completed", "job.failed"];
const MOST_WEBHOOKS: usize = 1000;
const LONGEST_TEXT: usize = 2048;

/// A registered webhook. `Serialize` writes the documented shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Webhook {
    /// Names it. Counted from 1, never given twice.
    pub id: u64,
    /// Where deliveries are posted to.
    pub url: String,
    /// What it subscribes to.
    pub events: Vec<String>,
    /// `active`, unless it was changed: nothing else delivers.
    pub status: String,
    /// Whether it was created with a `secret_key`; without one nothing is
    /// delivered to it. Not part of the documented shape.
    #[serde(skip)]
    pub has_secret: bool,
}

/// A webhook and what it is signed with.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) id: u64,
    pub(crate) url: String,
    pub(crate) events: Vec<String>,
    pub(crate) status: String,
    pub(crate) secret: Option<Arc<Secret>>,
}

impl Record {
    fn is_active(&self) -> bool {
        self.status == ACTIVE
    }

    fn to_webhook(&self) -> Webhook {
        Webhook {
            id: self.id,
            url: self.url.clone(),
            events: self.events.clone(),
            status: self.status.clone(),
            has_secret: self.secret.is_some(),
        }
    }
}

/// All webhooks, in the order of their creation.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    next_id: u64,
    all: Vec<Record>,
}

impl Default for Records {
    fn default() -> Self {
        Self {
            next_id: 1,
            all: Vec::new(),
        }
    }
}

impl Records {
    fn find(&mut self, id: u64) -> Result<&mut Record, RegisterError> {
        (self.all.iter_mut())
            .find(|record| record.id == id)
            .ok_or(RegisterError::NotFound { id })
    }
}

/// The webhooks of a simulator, in memory and perhaps in a file.
pub(crate) struct Registry {
    records: Mutex<Records>,
    file: Option<StateFile>,
}

impl Registry {
    /// In memory, or with what this file has. A file that is not there is
    /// written with the first change.
    pub(crate) async fn open(path: Option<PathBuf>) -> Result<Self, StartError> {
        let file = path.map(StateFile::new);
        let records = match &file {
            Some(file) => file.read().await?,
            None => Records::default(),
        };
        Ok(Self {
            records: Mutex::new(records),
            file,
        })
    }

    pub(crate) async fn list(&self) -> Vec<Webhook> {
        let records = self.records.lock().await;
        records.all.iter().map(Record::to_webhook).collect()
    }

    pub(crate) async fn create(
        &self,
        url: String,
        events: Vec<String>,
        secret: Option<Secret>,
    ) -> Result<Webhook, RegisterError> {
        check_url(&url)?;
        let events = check_events(events)?;
        self.change(|records| {
            if records.all.len() >= MOST_WEBHOOKS {
                let problem = format!("there are {MOST_WEBHOOKS} webhooks already");
                return Err(RegisterError::Invalid { problem });
            }
            let record = Record {
                id: records.next_id,
                url,
                events,
                status: ACTIVE.to_owned(),
                secret: secret.map(Arc::new),
            };
            records.next_id = records.next_id.saturating_add(1);
            let webhook = record.to_webhook();
            records.all.push(record);
            Ok(webhook)
        })
        .await
    }

    pub(crate) async fn delete(&self, id: u64) -> Result<(), RegisterError> {
        self.change(|records| {
            records.find(id)?;
            records.all.retain(|record| record.id != id);
            Ok(())
        })
        .await
    }

    pub(crate) async fn set_status(
        &self,
        id: u64,
        status: String,
    ) -> Result<Webhook, RegisterError> {
        if status.is_empty() || status.len() > LONGEST_TEXT {
            return Err(RegisterError::invalid("status must be a text, not empty"));
        }
        self.change(|records| {
            let record = records.find(id)?;
            record.status = status;
            Ok(record.to_webhook())
        })
        .await
    }

    /// The active webhooks that subscribe to an event.
    pub(crate) async fn subscribers(&self, event: &str) -> Vec<Record> {
        let records = self.records.lock().await;
        let subscribes = |record: &&Record| {
            record.is_active() && record.events.iter().any(|subscribed| subscribed == event)
        };
        records.all.iter().filter(subscribes).cloned().collect()
    }

    pub(crate) async fn is_active(&self, id: u64) -> bool {
        let records = self.records.lock().await;
        (records.all.iter()).any(|record| record.id == id && record.is_active())
    }

    /// Nothing is changed that could not be written.
    async fn change<T>(
        &self,
        change: impl FnOnce(&mut Records) -> Result<T, RegisterError>,
    ) -> Result<T, RegisterError> {
        let mut records = self.records.lock().await;
        let mut changed = records.clone();
        let value = change(&mut changed)?;
        if let Some(file) = &self.file {
            file.write(&changed).await?;
        }
        *records = changed;
        Ok(value)
    }
}

fn check_url(text: &str) -> Result<(), RegisterError> {
    let invalid = |problem: &str| Err(RegisterError::invalid(format!("url {problem}")));
    if text.len() > LONGEST_TEXT {
        return invalid("is too long");
    }
    let Ok(url) = Url::parse(text) else {
        return invalid("must be an absolute URL");
    };
    if !matches!(url.scheme(), "http" | "https") {
        return invalid("must begin with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return invalid("must have no user name and no password in it");
    }
    Ok(())
}

/// The provider does not say what it does with names that it does not know. A
/// typing error that is accepted is a webhook that never fires.
fn check_events(events: Vec<String>) -> Result<Vec<String>, RegisterError> {
    if events.is_empty() {
        return Err(RegisterError::invalid("events must not be empty"));
    }
    let mut unique = Vec::with_capacity(EVENTS.len());
    for event in events {
        if !EVENTS.contains(&event.as_str()) {
            let problem = format!("events may be {}", EVENTS.join(" and "));
            return Err(RegisterError::Invalid { problem });
        }
        if !unique.contains(&event) {
            unique.push(event);
        }
    }
    Ok(unique)
}
