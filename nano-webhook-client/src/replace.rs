//! The protocol of `ensure` and `rotate`. The provider offers list, create and
//! delete, and nothing that is atomic over two of them.
//!
//! Every deletion obeys one of three rules:
//!
//! 1. A webhook is deleted if it is older than the run's own webhook, and the run
//!    has seen its own one active in a list.
//! 2. The own webhook is deleted if the list shows an active one that is newer
//!    although it existed before: the provider's ids do not ascend.
//! 3. The own webhook is deleted if it does not count as a webhook of this URL:
//!    the provider stored another URL, or never lists it.
//!
//! "Older" is a strict order on which all runs agree, so the newest webhook that
//! its own run has seen is never deleted, in any interleaving.

use std::borrow::Cow;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::id::WebhookId;
use crate::list::WebhookList;
use crate::url::same_url;
use crate::webhook::{EventType, NewWebhook, Webhook};

/// How many times the list is read again within the `list_delay`.
const PAUSES: u32 = 4;

/// A webhook that was created to replace those at its URL.
pub(crate) struct Replacement<'a> {
    client: &'a Client,
    wanted: &'a NewWebhook,
    before: WebhookList,
    pub(crate) now: WebhookList,
    pub(crate) own: Webhook,
    pub(crate) older: Vec<Webhook>,
    pub(crate) deleted: Vec<WebhookId>,
    seen: bool,
    pauses: u32,
}

impl<'a> Replacement<'a> {
    pub(crate) async fn create(
        client: &'a Client,
        wanted: &'a NewWebhook,
        before: WebhookList,
    ) -> Result<Self, Error> {
        let created = match before.newest_is_inactive(&wanted.url) {
            Some(webhook) => {
                let status = shown(client, wanted, &webhook.status);
                let detail = format!("webhook {} has status {status}", webhook.id);
                Err(Error::new(ErrorKind::NotActive, detail))
            }
            None => client.create(wanted).await,
        };
        let own = created.map_err(|error| before.reported(&wanted.url, error))?;
        Ok(Self {
            client,
            wanted,
            now: before.clone(),
            before,
            own,
            older: Vec::new(),
            deleted: Vec::new(),
            seen: false,
            pauses: 0,
        })
    }

    /// Deletes the older webhooks until the own one is the only active one.
    pub(crate) async fn settle(&mut self) -> Result<(), Error> {
        loop {
            let obstacle = self.look().await?;
            let deleted = self.deleted.len();
            for old in self.older.clone() {
                self.delete(&old.id).await?;
            }
            if let Some(obstacle) = obstacle {
                return Err(self.report(obstacle));
            }
            if self.older.is_empty() {
                return Ok(());
            }
            if self.deleted.len() == deleted && !self.pause().await {
                let detail = "it still shows deleted webhooks";
                return Err(self.failed(ErrorKind::IncompleteList, detail));
            }
        }
    }

    /// Lists until the own webhook shows up. Returns why it cannot become the only
    /// one, if it cannot.
    pub(crate) async fn look(&mut self) -> Result<Option<Error>, Error> {
        let url = &self.wanted.url;
        loop {
            let list = self.client.list_for(url).await;
            self.now = list.map_err(|error| self.report(error))?;
            let others = self.now.active(url).filter(|it| it.id != self.own.id);
            let (mut older, newer): (Vec<_>, Vec<_>) =
                others.cloned().partition(|it| self.is_older(&it.id));
            // Either another run has deleted them, or this list is cut off.
            let unlisted = self.before.active(url).filter(|old| {
                let known = self.now.find(&old.id).is_some() || self.deleted.contains(&old.id);
                !known && self.is_older(&old.id)
            });
            older.extend(unlisted.cloned());
            self.older = older;
            if let Some(newer) = newer.iter().find(|it| self.before.find(&it.id).is_some()) {
                let detail = format!("webhook {} after webhook {}", self.own.id, newer.id);
                return Err(self.withdraw(ErrorKind::IdsNotAscending, detail).await);
            }
            if let Some(own) = self.now.find(&self.own.id) {
                self.own = own.clone();
                let first = !std::mem::replace(&mut self.seen, own.is_active());
                self.check().await?;
                return Ok(match newer.is_empty() {
                    false => Some(Error::new(ErrorKind::Conflict, "")),
                    true => first.then(|| self.vanished()).flatten(),
                });
            }
            if self.seen || !newer.is_empty() {
                return Err(self.failed(ErrorKind::Conflict, ""));
            }
            if !self.pause().await {
                let detail = "it does not show the webhook that was just created";
                return Err(self.withdraw(ErrorKind::IncompleteList, detail).await);
            }
        }
    }

    /// Whether the provider stored what was requested. If not, the next run would
    /// create another webhook, so this one must not add to those of earlier runs.
    async fn check(&mut self) -> Result<(), Error> {
        let shown = |text: &str| shown(self.client, self.wanted, text);
        let (own, kind) = (&self.own, ErrorKind::NotAsRequested);
        if !same_url(&own.url, &self.wanted.url) {
            let detail = format!("its URL is {}", shown(&own.url));
            return Err(self.withdraw(kind, detail).await);
        }
        if !own.is_active() {
            let detail = format!("its status is {}", shown(&own.status));
            return Err(self.failed(kind, detail));
        }
        if own.subscribes_to(&self.wanted.events) {
            return Ok(());
        }
        let events: Vec<_> = own.events.iter().map(EventType::as_str).collect();
        let detail = format!("its events are {}", shown(&events.join(", ")));
        for earlier in self.older.clone() {
            if earlier.subscribes_to(&self.own.events) {
                self.delete(&earlier.id).await?;
            }
        }
        Err(self.failed(kind, detail))
    }

    /// A list that lost an entry of another URL when the new webhook was added
    /// shows the newest entries only.
    fn vanished(&self) -> Option<Error> {
        let (before, now) = (&self.before, &self.now);
        let lost = before.webhooks.iter().find(|webhook| {
            !same_url(&webhook.url, &self.wanted.url) && now.find(&webhook.id).is_none()
        })?;
        let detail = format!("webhook {} is missing from it since the creation", lost.id);
        (now.webhooks.len() <= before.webhooks.len())
            .then(|| Error::new(ErrorKind::IncompleteList, detail))
    }

    fn is_older(&self, id: &WebhookId) -> bool {
        match (id.as_u64(), self.own.id.as_u64()) {
            (Some(id), Some(own)) => id < own,
            _ => self.before.find(id).is_some(),
        }
    }

    /// A webhook that another run has deleted is deleted.
    async fn delete(&mut self, id: &WebhookId) -> Result<(), Error> {
        if self.deleted.contains(id) {
            return Ok(());
        }
        match self.client.delete(id.clone()).await {
            Err(error) if error.status() != Some(404) => return Err(self.report(error)),
            _ => self.deleted.push(id.clone()),
        }
        Ok(())
    }

    /// Deletes the own webhook, and returns why.
    async fn withdraw(&mut self, kind: ErrorKind, why: impl Into<Cow<'static, str>>) -> Error {
        match self.delete(&self.own.id.clone()).await {
            Ok(()) => self.failed(kind, why),
            Err(error) => error,
        }
    }

    async fn pause(&mut self) -> bool {
        let again = self.pauses < PAUSES;
        if again {
            self.pauses = self.pauses.saturating_add(1);
            let shared = &self.client.0;
            shared.transport.sleep(shared.list_delay / PAUSES).await;
        }
        again
    }

    fn failed(&self, kind: ErrorKind, detail: impl Into<Cow<'static, str>>) -> Error {
        self.report(Error::new(kind, detail))
    }

    pub(crate) fn report(&self, error: Error) -> Error {
        let mut error = self.now.reported(&self.wanted.url, error);
        error.facts.created = Some(self.own.id.clone());
        error.facts.deleted.clone_from(&self.deleted);
        error
    }
}

/// A text of the provider, fit for an error.
fn shown(client: &Client, wanted: &NewWebhook, text: &str) -> String {
    let mut secrets = wanted.secret.iter().chain(client.0.auth.key());
    match secrets.any(|secret| text.contains(secret.expose())) {
        true => "[redacted]".to_owned(),
        false => format!("{:?}", text.chars().take(200).collect::<String>()),
    }
}
