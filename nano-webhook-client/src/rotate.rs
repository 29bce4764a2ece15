use std::fmt;

use crate::client::Client;
use crate::error::Error;
use crate::id::WebhookId;
use crate::replace::Replacement;
use crate::webhook::{NewWebhook, Webhook};

/// A rotation whose new webhook exists, from [`Client::rotate`]. The old webhooks
/// still deliver, until [`finish`](Self::finish).
///
/// Dropping it deletes nothing: both webhooks stay. A later
/// [`ensure`](Client::ensure) or [`rotate`](Client::rotate) replaces them by one.
#[must_use = "the old webhooks still deliver, until `finish`"]
pub struct Rotation<'a>(Replacement<'a>);

/// What a rotation did, from [`Rotation::finish`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rotated {
    /// The new webhook, whose deliveries are signed with the new secret.
    pub webhook: Webhook,
    /// The webhooks that it replaces.
    pub deleted: Vec<WebhookId>,
}

impl Client {
    /// Creates a webhook that replaces every active webhook at this URL, to change
    /// the secret. [`Rotation::finish`] deletes the old ones.
    ///
    /// ```no_run
    /// # use nano_webhook_client::{Client, EventType, NewWebhook, Secret};
    /// # async fn run(client: Client, secret: Secret) -> Result<(), Box<dyn std::error::Error>> {
    /// # async fn receivers_accept_the_new_secret() {}
    /// let url = "https://your-server.com/webhook";
    /// let wanted = NewWebhook::new(url, EventType::DOCUMENTED, secret);
    /// let rotation = client.rotate(&wanted).await?;
    /// receivers_accept_the_new_secret().await;
    /// rotation.finish().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A rotation without a gap:
    ///
    /// 1. Deploy the receivers with a new secret as the current one and the old one
    ///    as previous (`VerifierBuilder::previous_secret`).
    /// 2. Call `rotate` with the new secret. Until step 3, every event is delivered
    ///    twice, once signed with each secret; deduplication handles that.
    /// 3. When every receiver accepts the new secret, call `finish`. Events are
    ///    lost if it comes before step 1.
    /// 4. When the provider has given up its last retries of older deliveries,
    ///    deploy the receivers without the old secret.
    ///
    /// Every call creates a webhook. It may overlap with runs of
    /// [`ensure`](Self::ensure).
    ///
    /// # Errors
    /// As for [`ensure`](Self::ensure).
    pub async fn rotate<'a>(&'a self, wanted: &'a NewWebhook) -> Result<Rotation<'a>, Error> {
        let before = self.list_for(&wanted.url).await?;
        let mut replacement = Replacement::create(self, wanted, before).await?;
        match replacement.look().await? {
            Some(obstacle) => Err(replacement.report(obstacle)),
            None => Ok(Rotation(replacement)),
        }
    }
}

impl Rotation<'_> {
    /// The new webhook.
    pub fn webhook(&self) -> &Webhook {
        &self.0.own
    }

    /// The active webhooks that [`finish`](Self::finish) deletes.
    pub fn replaces(&self) -> &[Webhook] {
        &self.0.older
    }

    /// Deletes the old webhooks.
    ///
    /// # Errors
    /// As for [`Client::ensure`]. The new webhook still exists, unless another run
    /// has replaced it ([`ErrorKind::Conflict`](crate::ErrorKind::Conflict)).
    pub async fn finish(mut self) -> Result<Rotated, Error> {
        self.0.settle().await?;
        let (webhook, deleted) = (self.0.own, self.0.deleted);
        Ok(Rotated { webhook, deleted })
    }
}

impl fmt::Debug for Rotation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_tuple("Rotation");
        shown.field(self.webhook()).finish_non_exhaustive()
    }
}
