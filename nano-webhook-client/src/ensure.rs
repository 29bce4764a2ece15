use std::collections::BTreeSet;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::event_type::EventType;
use crate::id::WebhookId;
use crate::operation::Operation;
use crate::same_url::same_url;
use crate::webhook::{NewWebhook, Webhook};

/// What [`Client::ensure`] found and did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ensured {
    /// The one active webhook with these events at this URL.
    pub webhook: Webhook,
    /// What was changed.
    pub change: Change,
    /// Webhooks at this URL that are not active. They deliver nothing, and
    /// somebody may have switched them off on purpose, so they are left alone.
    pub inactive: Vec<Webhook>,
}

/// What [`Client::ensure`] changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Nothing: it was there, and alone.
    Unchanged,
    /// It was created; no other active webhook pointed at the URL.
    Created,
    /// It was created, and then others with other events were deleted.
    Recreated {
        /// The deleted ones.
        deleted: Vec<WebhookId>,
    },
    /// It was there; others that pointed at the same URL were deleted.
    Deduplicated {
        /// The deleted ones.
        deleted: Vec<WebhookId>,
    },
}

impl Client {
    /// Sees to it that exactly one active webhook with these events points at
    /// this URL, and says what had to be changed. Meant for every deploy: the
    /// second run changes nothing.
    ///
    /// ```no_run
    /// # use nano_webhook_client::{Auth, Change, Client, EventType, NewWebhook, Secret};
    /// # async fn run(client: Client, secret: Secret) -> Result<(), Box<dyn std::error::Error>> {
    /// let wanted = NewWebhook::new(
    ///     "https://your-server.com/webhook",
    ///     EventType::DOCUMENTED,
    ///     secret,
    /// );
    /// let ensured = client.ensure(&wanted).await?;
    /// if ensured.change != Change::Unchanged {
    ///     println!("webhook {}: {:?}", ensured.webhook.id, ensured.change);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # What it does
    ///
    /// 1. It lists the webhooks and looks at those with this URL. Two URLs are
    ///    the same if they are equal after parsing: `HTTPS://A.com:443` is
    ///    `https://a.com/`, but `/hook` is not `/hook/`. Events are compared as
    ///    sets.
    /// 2. If no active one has exactly these events, it creates one and lists
    ///    again.
    /// 3. Of the active ones with these events it keeps the one with the
    ///    greatest id, which is the newest if ids are given in order.
    /// 4. Only now it deletes the other active ones at this URL, so there is
    ///    no moment without a webhook. While two exist, an event is delivered
    ///    twice; deduplication takes care of that.
    ///
    /// Webhooks with another URL are not touched.
    ///
    /// # What it cannot know
    ///
    /// - **Whether the secret is the right one.** The provider never gives a
    ///   secret back. If a matching webhook exists, `ensure` keeps it, whatever
    ///   secret it was created with. To change the secret, use
    ///   [`rotate`](Self::rotate).
    /// - **Whether it is alone.** Two that run at the same moment can both
    ///   create. As each lists again after it has created, and both keep the
    ///   same one, one remains when both have finished; the other one's id is
    ///   then gone. If one of them dies in between, the next run tidies up. If
    ///   they came with different secrets, that of the greatest id wins.
    /// - **Whether a lost `create` took effect.** It then ends with an error
    ///   ([`Error::may_have_taken_effect`]). Run it again: it lists first.
    ///
    /// # Errors
    /// The [`Error`] of the call that failed. What was done before stays done,
    /// and the order of the steps makes every state in between a working one.
    /// [`ErrorKind::NotAsRequested`] if the provider created something else
    /// than it was asked for; nothing is deleted then.
    pub async fn ensure(&self, wanted: &NewWebhook) -> Result<Ensured, Error> {
        let mut listed = self.list().await?;
        let (webhook, created) = match newest_right(&listed, wanted) {
            Some(webhook) => (webhook.clone(), false),
            None => {
                let own = self.create_as_requested(wanted).await?;
                listed = self.list().await?;
                if listed.iter().all(|webhook| webhook.id != own.id) {
                    listed.push(own.clone());
                }
                let newest = newest_right(&listed, wanted).unwrap_or(&own).clone();
                let created = newest.id == own.id;
                (newest, created)
            }
        };
        let (active, inactive): (Vec<_>, Vec<_>) = (listed.into_iter())
            .filter(|other| same_url(&other.url, wanted.url()) && other.id != webhook.id)
            .partition(Webhook::is_active);
        let deleted = self.delete_all(active).await?;
        Ok(Ensured {
            webhook,
            change: match (created, deleted.is_empty()) {
                (false, true) => Change::Unchanged,
                (true, true) => Change::Created,
                (true, false) => Change::Recreated { deleted },
                (false, false) => Change::Deduplicated { deleted },
            },
            inactive,
        })
    }

    /// Creates a webhook and checks that it is the one that was asked for.
    /// Otherwise each deploy would create another one, and delete those that
    /// worked.
    pub(crate) async fn create_as_requested(&self, wanted: &NewWebhook) -> Result<Webhook, Error> {
        let webhook = self.create(wanted).await?;
        if is_right(&webhook, wanted) {
            Ok(webhook)
        } else {
            let kind = ErrorKind::NotAsRequested { webhook };
            Err(Error::new(Operation::Create, 1, false, kind))
        }
    }

    /// A webhook that somebody else has deleted in the meantime is deleted.
    pub(crate) async fn delete_all(&self, webhooks: Vec<Webhook>) -> Result<Vec<WebhookId>, Error> {
        let mut deleted = Vec::with_capacity(webhooks.len());
        for Webhook { id, .. } in webhooks {
            match self.delete(id.clone()).await {
                Err(error) if error.status() != Some(404) => return Err(error),
                _ => deleted.push(id),
            }
        }
        Ok(deleted)
    }
}

fn newest_right<'a>(listed: &'a [Webhook], wanted: &NewWebhook) -> Option<&'a Webhook> {
    listed
        .iter()
        .filter(|webhook| is_right(webhook, wanted))
        .max_by_key(|webhook| &webhook.id)
}

fn is_right(webhook: &Webhook, wanted: &NewWebhook) -> bool {
    webhook.is_active()
        && same_url(&webhook.url, wanted.url())
        && same_events(&webhook.events, wanted.events())
}

fn same_events(one: &[EventType], other: &[EventType]) -> bool {
    let set = |events: &[EventType]| -> BTreeSet<EventType> { events.iter().cloned().collect() };
    set(one) == set(other)
}
