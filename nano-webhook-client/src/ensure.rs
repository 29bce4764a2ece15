use crate::client::Client;
use crate::error::Error;
use crate::id::WebhookId;
use crate::replace::Replacement;
use crate::webhook::{NewWebhook, Webhook};

/// What [`Client::ensure`] found and changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ensured {
    /// The one active webhook at this URL.
    pub webhook: Webhook,
    /// What was changed.
    pub change: Change,
    /// Webhooks at this URL that are not active. They do not deliver, and are left
    /// as they are.
    pub inactive: Vec<Webhook>,
}

/// What [`Client::ensure`] changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Nothing: exactly one active webhook with these events existed. It may have
    /// another secret.
    Unchanged,
    /// A webhook with this secret was created; none was deleted.
    Created,
    /// A webhook with this secret was created, and the others were deleted.
    Recreated {
        /// The deleted ones.
        deleted: Vec<WebhookId>,
    },
}

impl Client {
    /// Makes sure that exactly one active webhook points at this URL, and that it
    /// has these events. Made for every deploy: a second run changes nothing.
    ///
    /// 1. List the webhooks. Two URLs are the same if they differ only in the case
    ///    of scheme and host, in a default port, or in an empty path. The order of
    ///    events does not matter.
    /// 2. If exactly one webhook at the URL is active and has these events, keep
    ///    it. Otherwise create one.
    /// 3. List again, and find the new webhook in the list.
    /// 4. Delete the other active webhooks at the URL, if they are older: if their
    ///    id is a smaller number. Text ids have no order; then the older ones are
    ///    those in the list of step 1.
    /// 5. List again, until the new webhook is the only active one at the URL.
    ///
    /// Any number of runs may overlap or die, [under these
    /// rules](crate#several-runs-at-once). While two webhooks exist, an event is
    /// delivered twice; deduplication handles that.
    ///
    /// The provider never returns a secret. If `ensure` keeps a webhook, it may
    /// have another secret than `wanted`; to change a secret, use
    /// [`rotate`](Self::rotate). A `create` that the provider carries out after the
    /// run has given up on it can leave a second webhook.
    ///
    /// # Errors
    /// The [`Error`] says which call failed, what the run had created and deleted,
    /// and which webhooks the last list showed at this URL. Keep the secret if
    /// [`Error::created`] names a webhook or [`Error::may_have_taken_effect`] is
    /// true. [`ErrorKind`](crate::ErrorKind) lists the cases.
    pub async fn ensure(&self, wanted: &NewWebhook) -> Result<Ensured, Error> {
        let before = self.list_for(&wanted.url).await?;
        let active: Vec<_> = before.active(&wanted.url).collect();
        if let [webhook] = active[..]
            && webhook.subscribes_to(&wanted.events)
        {
            return Ok(Ensured {
                webhook: webhook.clone(),
                change: Change::Unchanged,
                inactive: before.inactive(&wanted.url).cloned().collect(),
            });
        }
        let mut replacement = Replacement::create(self, wanted, before).await?;
        replacement.settle().await?;
        let deleted = replacement.deleted;
        Ok(Ensured {
            webhook: replacement.own,
            change: match deleted.is_empty() {
                true => Change::Created,
                false => Change::Recreated { deleted },
            },
            inactive: replacement.now.inactive(&wanted.url).cloned().collect(),
        })
    }

    /// The active webhooks at this URL: those that [`rotate`](Self::rotate)
    /// replaces.
    ///
    /// # Errors
    /// As for [`list`](Self::list), and
    /// [`ErrorKind::UnreadableEntry`](crate::ErrorKind::UnreadableEntry) if an
    /// entry with this URL cannot be read.
    pub async fn active_at(&self, url: &str) -> Result<Vec<Webhook>, Error> {
        let list = self.list_for(url).await?;
        Ok(list.active(url).cloned().collect())
    }
}
