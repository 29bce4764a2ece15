use std::fmt;

use crate::client::Client;
use crate::error::Error;
use crate::id::WebhookId;
use crate::replace::{Replacement, View};
use crate::webhook::{NewWebhook, Webhook};

/// A rotation whose new webhook exists, from [`Client::rotate`]. The old webhooks
/// still deliver, until [`finish`](Self::finish).
///
/// Dropping it deletes nothing: both webhooks stay. A later
/// [`ensure`](Client::ensure) or [`rotate`](Client::rotate) replaces them by one.
#[must_use = "the old webhooks still deliver, until `finish`"]
pub struct Rotation<'a> {
    replacement: Replacement<'a>,
    view: View,
}

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
    /// let wanted = NewWebhook::new(
    ///     "https://your-server.com/webhook",
    ///     EventType::DOCUMENTED,
    ///     secret,
    /// );
    /// let rotation = client.rotate(&wanted).await?;
    /// receivers_accept_the_new_secret().await;
    /// rotation.finish().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Rotation without a gap
    ///
    /// 1. Generate a new secret.
    /// 2. Deploy the receivers with both secrets: the new one as current, the old
    ///    one as previous (`VerifierBuilder::previous_secret`).
    /// 3. Call `rotate` with the new secret. Until step 4, every event is delivered
    ///    twice, once signed with each secret; deduplication handles that.
    /// 4. When every receiver accepts the new secret, call `finish`. Events are
    ///    lost if it comes before step 2.
    /// 5. When the provider has given up its last retries of older deliveries,
    ///    deploy the receivers without the old secret.
    ///
    /// Every call creates a webhook. It may overlap with runs of
    /// [`ensure`](Self::ensure), under the rules described there.
    ///
    /// # Errors
    /// As for [`ensure`](Self::ensure). Keep the new secret if [`Error::created`]
    /// names a webhook or [`Error::may_have_taken_effect`] is true.
    pub async fn rotate<'a>(&'a self, wanted: &'a NewWebhook) -> Result<Rotation<'a>, Error> {
        let before = self.site(&wanted.url).await?;
        let mut replacement = Replacement::create(self, wanted, before).await?;
        let mut view = replacement.look().await?;
        match view.obstacle.take() {
            Some(obstacle) => Err(replacement.report(obstacle)),
            None => Ok(Rotation { replacement, view }),
        }
    }
}

impl Rotation<'_> {
    /// The new webhook.
    #[must_use]
    pub fn webhook(&self) -> &Webhook {
        &self.view.own
    }

    /// The active webhooks that [`finish`](Self::finish) deletes.
    #[must_use]
    pub fn replaces(&self) -> &[Webhook] {
        &self.view.older
    }

    /// Deletes the old webhooks. Call it when every receiver accepts the new
    /// secret.
    ///
    /// # Errors
    /// As for [`Client::ensure`]. The new webhook still exists, unless another run
    /// has replaced it ([`ErrorKind::Conflict`](crate::ErrorKind::Conflict)).
    pub async fn finish(mut self) -> Result<Rotated, Error> {
        let webhook = self.replacement.settle().await?;
        let deleted = self.replacement.deleted;
        Ok(Rotated { webhook, deleted })
    }
}

impl fmt::Debug for Rotation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rotation")
            .field(self.webhook())
            .finish_non_exhaustive()
    }
}
