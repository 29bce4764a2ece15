use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::id::WebhookId;
use crate::url::same_url;
use crate::webhook::{UnreadableEntry, Webhook};

/// The webhooks of the account in one list, and one URL.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) url: String,
    pub(crate) all: Vec<Webhook>,
}

impl Client {
    pub(crate) async fn site(&self, url: &str) -> Result<Site, Error> {
        let list = self.list().await?;
        let (url, all) = (url.to_owned(), list.webhooks);
        let site = Site { url, all };
        let is_here = |entry: &&UnreadableEntry| {
            (entry.url.as_deref()).is_some_and(|named| same_url(named, &site.url))
        };
        match list.unreadable.iter().find(is_here) {
            None => Ok(site),
            Some(entry) => {
                let detail = format!("entry {}: {}", entry.position, entry.problem);
                Err(site.reported(Error::new(ErrorKind::UnreadableEntry, detail)))
            }
        }
    }
}

impl Site {
    fn here(&self) -> impl Iterator<Item = &Webhook> {
        (self.all.iter()).filter(|webhook| same_url(&webhook.url, &self.url))
    }

    pub(crate) fn active(&self) -> impl Iterator<Item = &Webhook> {
        self.here().filter(|webhook| webhook.is_active())
    }

    pub(crate) fn inactive(&self) -> impl Iterator<Item = &Webhook> {
        self.here().filter(|webhook| !webhook.is_active())
    }

    pub(crate) fn find(&self, id: &WebhookId) -> Option<&Webhook> {
        self.all.iter().find(|webhook| webhook.id == *id)
    }

    /// The webhook that an earlier run created and the provider has not activated,
    /// or that was switched off. Creating another one would repeat with each run.
    pub(crate) fn newest_is_inactive(&self) -> Option<&Webhook> {
        let id = |webhook: &Webhook| webhook.id.as_u64();
        let newest_active = self.active().filter_map(id).max();
        (self.inactive()).find(|it| id(it).is_none_or(|id| newest_active <= Some(id)))
    }

    pub(crate) fn reported(&self, mut error: Error) -> Error {
        error.facts.found = self.here().cloned().collect();
        error
    }
}
