use std::sync::{Mutex, MutexGuard, PoisonError};

use nano_webhook_core::Secret;
use serde::Serialize;

use crate::error::{Error, ErrorKind};
use crate::http::parse_url;
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

#[derive(Default)]
struct Records {
    last_id: u64,
    /// In the order of their creation.
    all: Vec<Record>,
}

impl Records {
    fn find(&mut self, id: u64) -> Result<&mut Record, Error> {
        let found = self.all.iter_mut().find(|record| record.webhook.id == id);
        found.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("webhook {id} does not exist")))
    }
}

/// The webhooks of a simulator, in memory.
#[derive(Default)]
pub(crate) struct Registry(Mutex<Records>);

impl Registry {
    pub(crate) fn list(&self) -> Vec<Webhook> {
        let webhook = |record: &Record| record.webhook.clone();
        self.records().all.iter().map(webhook).collect()
    }

    pub(crate) fn create(
        &self,
        url: String,
        events: Vec<String>,
        secret: Option<Secret>,
    ) -> Result<Webhook, Error> {
        check_url(&url)?;
        let events = check_events(events)?;
        let mut records = self.records();
        if records.all.len() >= MAX_WEBHOOKS {
            let problem = format!("the simulator keeps at most {MAX_WEBHOOKS} webhooks");
            return Err(Error::invalid(problem));
        }
        records.last_id = records.last_id.saturating_add(1);
        let webhook = Webhook {
            id: records.last_id,
            url,
            events,
            status: ACTIVE.to_owned(),
        };
        let record = Record { webhook, secret };
        let webhook = record.webhook.clone();
        records.all.push(record);
        Ok(webhook)
    }

    pub(crate) fn delete(&self, id: u64) -> Result<(), Error> {
        let mut records = self.records();
        records.find(id)?;
        records.all.retain(|record| record.webhook.id != id);
        Ok(())
    }

    pub(crate) fn set_status(&self, id: u64, status: String) -> Result<Webhook, Error> {
        if status.is_empty() || status.len() > MAX_TEXT_LENGTH {
            return Err(Error::invalid("status must be a string that is not empty"));
        }
        let mut records = self.records();
        let record = records.find(id)?;
        record.webhook.status = status;
        Ok(record.webhook.clone())
    }

    /// The active webhooks that subscribe to an event.
    pub(crate) fn subscribers(&self, event: &str) -> Vec<Record> {
        let subscribes = |record: &&Record| {
            let Webhook { status, events, .. } = &record.webhook;
            status == ACTIVE && events.iter().any(|subscribed| subscribed == event)
        };
        (self.records().all.iter().filter(subscribes).cloned()).collect()
    }

    pub(crate) fn is_active(&self, id: u64) -> bool {
        (self.records().find(id)).is_ok_and(|record| record.webhook.status == ACTIVE)
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        // No change to the records can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check_url(url: &str) -> Result<(), Error> {
    let too_long = (url.len() > MAX_TEXT_LENGTH).then_some("is too long");
    let problem = parse_url(url).err().or(too_long);
    problem.map_or(Ok(()), |problem| {
        Err(Error::invalid(format!("url {problem}")))
    })
}

/// How the provider treats unknown names is undocumented. Here they are rejected:
/// a webhook with a misspelt event would never get a delivery.
fn check_events(events: Vec<String>) -> Result<Vec<String>, Error> {
    if events.is_empty() {
        return Err(Error::invalid("events must not be empty"));
    }
    let mut unique = Vec::with_capacity(EVENTS.len());
    for event in events {
        if !EVENTS.contains(&event.as_str()) {
            let problem = format!("events may contain {}", EVENTS.join(" and "));
            return Err(Error::invalid(problem));
        }
        if !unique.contains(&event) {
            unique.push(event);
        }
    }
    Ok(unique)
}
