use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nano_webhook_core::Secret;
use nano_webhook_fetch::http_url;
use serde::Serialize;

use crate::error::{Error, ErrorKind};
use crate::job::JobOutcome;

const ACTIVE: &str = "active";
const EVENTS: [&str; 2] = [JobOutcome::Completed.event(), JobOutcome::Failed.event()];
const MAX_WEBHOOKS: usize = 1000;
const MAX_TEXT_LENGTH: usize = 2048;

/// A registered webhook. `Serialize` writes the documented shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Webhook {
    /// Its id. Counts from 1; no id is used twice.
    pub id: u64,
    /// Where deliveries are posted to.
    pub url: String,
    /// The events it subscribes to.
    pub events: Vec<String>,
    /// `active` or a status that was set; only `active` webhooks get deliveries.
    pub status: String,
}

/// A webhook and the secret that signs its deliveries.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) webhook: Webhook,
    pub(crate) secret: Option<Secret>,
}

/// The webhooks of a simulator, in memory, in the order of their creation.
#[derive(Default)]
pub(crate) struct Registry {
    last_id: AtomicU64,
    records: Mutex<Vec<Record>>,
}

impl Registry {
    pub(crate) fn list(&self) -> Vec<Webhook> {
        let webhook = |record: &Record| record.webhook.clone();
        self.records().iter().map(webhook).collect()
    }

    pub(crate) fn create(
        &self,
        url: String,
        mut events: Vec<String>,
        secret: Option<Secret>,
    ) -> Result<Webhook, Error> {
        http_url(&url).map_err(|problem| Error::invalid(format!("url {problem}")))?;
        if url.len() > MAX_TEXT_LENGTH {
            return Err(Error::invalid("url is too long"));
        }
        if events.is_empty() {
            return Err(Error::invalid("events must not be empty"));
        }
        // How the provider treats unknown names is undocumented. A webhook with a
        // misspelt event would never get a delivery.
        if !events.iter().all(|event| EVENTS.contains(&&**event)) {
            let problem = format!("events may contain {}", EVENTS.join(" and "));
            return Err(Error::invalid(problem));
        }
        let mut unique = HashSet::new();
        events.retain(|event| unique.insert(event.clone()));
        let mut records = self.records();
        if records.len() >= MAX_WEBHOOKS {
            let problem = format!("the simulator keeps at most {MAX_WEBHOOKS} webhooks");
            return Err(Error::invalid(problem));
        }
        let webhook = Webhook {
            id: self.last_id.fetch_add(1, Ordering::Relaxed) + 1,
            url,
            events,
            status: ACTIVE.to_owned(),
        };
        records.push(Record {
            webhook: webhook.clone(),
            secret,
        });
        Ok(webhook)
    }

    pub(crate) fn delete(&self, id: u64) -> Result<(), Error> {
        let mut records = self.records();
        find(&mut records, id)?;
        records.retain(|record| record.webhook.id != id);
        Ok(())
    }

    pub(crate) fn set_status(&self, id: u64, status: String) -> Result<Webhook, Error> {
        if status.is_empty() || status.len() > MAX_TEXT_LENGTH {
            return Err(Error::invalid("status must be a string that is not empty"));
        }
        let mut records = self.records();
        let record = find(&mut records, id)?;
        record.webhook.status = status;
        Ok(record.webhook.clone())
    }

    /// The active webhooks that subscribe to an event.
    pub(crate) fn subscribers(&self, event: &str) -> Vec<Record> {
        let subscribes = |record: &&Record| {
            let Webhook { status, events, .. } = &record.webhook;
            status == ACTIVE && events.iter().any(|subscribed| subscribed == event)
        };
        (self.records().iter().filter(subscribes).cloned()).collect()
    }

    pub(crate) fn is_active(&self, id: u64) -> bool {
        find(&mut self.records(), id).is_ok_and(|record| record.webhook.status == ACTIVE)
    }

    fn records(&self) -> MutexGuard<'_, Vec<Record>> {
        // No change to the records can panic half-way.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find(records: &mut [Record], id: u64) -> Result<&mut Record, Error> {
    let found = records.iter_mut().find(|record| record.webhook.id == id);
    found.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("webhook {id} does not exist")))
}
