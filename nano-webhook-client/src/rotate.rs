use crate::client::Client;
use crate::error::Error;
use crate::id::WebhookId;
use crate::same_url::same_url;
use crate::webhook::{NewWebhook, Webhook};

/// What [`Client::rotate`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rotated {
    /// The new webhook, whose deliveries are signed with the new secret.
    pub webhook: Webhook,
    /// The webhooks that it replaces.
    pub deleted: Vec<WebhookId>,
}

impl Client {
    /// The active webhooks at this URL: those that [`rotate`](Self::rotate)
    /// replaces.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub async fn active_at(&self, url: &str) -> Result<Vec<Webhook>, Error> {
        let mut webhooks = self.list().await?;
        webhooks.retain(|webhook| webhook.is_active() && same_url(&webhook.url, url));
        Ok(webhooks)
    }

    /// Replaces every active webhook at this URL by a new one, for a change of
    /// the secret. The new one is created before the old ones are deleted.
    ///
    /// **The receiver must know both secrets before this is called**, or it
    /// refuses what is signed with the new one. The order that loses nothing:
    ///
    /// 1. Make a new secret.
    /// 2. Deploy the receiver with both: the new one as current, the old one as
    ///    previous (`VerifierBuilder::previous_secret`).
    /// 3. Call `rotate` with the new secret. While both webhooks exist, an
    ///    event is delivered twice, once under each secret; deduplication takes
    ///    care of that.
    /// 4. When no delivery is signed with the old secret any more
    ///    (`Delivery::secret` says which one it was), deploy without it. Until
    ///    the provider has given up its last retries, some may come.
    ///
    /// If you cannot deploy first, take the steps apart: [`create`](Self::create)
    /// with the new secret, deploy with both, [`delete`](Self::delete) the old
    /// one. Until that deploy, deliveries under the new secret are refused, but
    /// each event also comes under the old one.
    ///
    /// Every call makes a new webhook; do not put it into every deploy. That is
    /// what [`ensure`](Self::ensure) is for.
    ///
    /// # Errors
    /// The [`Error`] of the call that failed. If that is a deletion, the new
    /// webhook exists beside old ones: [`ensure`](Self::ensure) keeps the one
    /// with the greatest id and deletes the rest.
    pub async fn rotate(&self, replacement: &NewWebhook) -> Result<Rotated, Error> {
        let old = self.active_at(replacement.url()).await?;
        let webhook = self.create_as_requested(replacement).await?;
        let deleted = self.delete_all(old).await?;
        Ok(Rotated { webhook, deleted })
    }
}
