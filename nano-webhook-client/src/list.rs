use serde_json::Value;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::id::WebhookId;
use crate::url::same_url;
use crate::webhook::{self, Webhook};

/// The webhooks of an account, from [`Client::list`](crate::Client::list).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookList {
    /// The webhooks, in the provider's order.
    pub webhooks: Vec<Webhook>,
    /// Entries that do not have the documented form. They do not prevent the
    /// others from being read.
    pub unreadable: Vec<UnreadableEntry>,
}

/// An entry of the list that does not have the documented form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadableEntry {
    /// Its position in the list; the first entry is 1.
    pub position: usize,
    /// Its id, if that can be read.
    pub id: Option<WebhookId>,
    /// Its URL, if that can be read.
    pub url: Option<String>,
    /// Why the entry cannot be read.
    pub problem: &'static str,
}

impl WebhookList {
    pub(crate) fn len(&self) -> usize {
        self.webhooks.len().saturating_add(self.unreadable.len())
    }

    /// Adds an entry. An entry that moved to the next page while the pages were
    /// read is added once.
    pub(crate) fn push(&mut self, entry: &Value) {
        match Webhook::read(entry) {
            Ok(webhook) if self.find(&webhook.id).is_some() => {}
            Ok(webhook) => self.webhooks.push(webhook),
            Err(problem) => self.unreadable.push(UnreadableEntry {
                position: self.len().saturating_add(1),
                id: webhook::id(entry),
                url: webhook::text(entry, "url"),
                problem,
            }),
        }
    }

    pub(crate) fn find(&self, id: &WebhookId) -> Option<&Webhook> {
        self.webhooks.iter().find(|webhook| webhook.id == *id)
    }

    fn at(&self, url: &str) -> impl Iterator<Item = &Webhook> {
        (self.webhooks.iter()).filter(move |webhook| same_url(&webhook.url, url))
    }

    pub(crate) fn active(&self, url: &str) -> impl Iterator<Item = &Webhook> {
        self.at(url).filter(|webhook| webhook.is_active())
    }

    pub(crate) fn inactive(&self, url: &str) -> impl Iterator<Item = &Webhook> {
        self.at(url).filter(|webhook| !webhook.is_active())
    }

    /// The webhook that an earlier run created and the provider has not activated,
    /// or that was switched off. Creating another one would repeat with each run.
    pub(crate) fn newest_is_inactive(&self, url: &str) -> Option<&Webhook> {
        let id = |webhook: &Webhook| webhook.id.as_u64();
        let newest = self.active(url).filter_map(id).max();
        (self.inactive(url)).find(|it| id(it).is_none_or(|id| newest <= Some(id)))
    }

    pub(crate) fn reported(&self, url: &str, mut error: Error) -> Error {
        error.facts.found = self.at(url).cloned().collect();
        error
    }
}

impl Client {
    /// The list, in which every entry with this URL can be read.
    pub(crate) async fn list_for(&self, url: &str) -> Result<WebhookList, Error> {
        let list = self.list().await?;
        let is_here = |entry: &&UnreadableEntry| {
            (entry.url.as_deref()).is_some_and(|named| same_url(named, url))
        };
        let Some(entry) = list.unreadable.iter().find(is_here) else {
            return Ok(list);
        };
        let detail = format!("entry {}: {}", entry.position, entry.problem);
        let error = Error::new(ErrorKind::UnreadableEntry, detail);
        Err(list.reported(url, error))
    }
}
