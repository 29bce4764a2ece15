//! `ensure` as it must not be.

use crate::client::Client;
use crate::error::Error;
use crate::kind::ErrorKind;
use crate::url::same_url;
use crate::webhook::{NewWebhook, Webhook};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Keeps the greatest id with the wanted events, deletes everything else.
    FirstRelease,
    /// Deletes every webhook but its own.
    DeletesNewer,
    /// Succeeds without a list after the deletions.
    DoesNotConfirm,
    /// Takes the webhook of another run for its own.
    LoserSucceeds,
}

pub(crate) async fn ensure(
    client: &Client,
    wanted: &NewWebhook,
    fault: Fault,
) -> Result<bool, Error> {
    use Fault::{DeletesNewer, DoesNotConfirm, FirstRelease, LoserSucceeds};
    let before = client.active_at(&wanted.url).await?;
    if before.len() == 1 && before[0].subscribes_to(&wanted.events) {
        return Ok(false);
    }
    let own = client.create(wanted).await?;
    loop {
        let mut list = client.list().await?.webhooks;
        list.retain(|webhook| same_url(&webhook.url, &wanted.url));
        let may_stay = |webhook: &&Webhook| match fault {
            FirstRelease => webhook.subscribes_to(&wanted.events),
            DeletesNewer => webhook.id == own.id,
            _ => true,
        };
        let key = |webhook: &&Webhook| (webhook.id.as_u64(), webhook.id.to_string());
        let newest = list.iter().filter(may_stay).max_by_key(key);
        let kept = newest.unwrap_or(&own).id.clone();
        list.retain(|webhook| webhook.id != kept);
        for other in &list {
            match client.delete(other.id.clone()).await {
                Err(error) if error.status() != Some(404) => return Err(error),
                _ => {}
            }
        }
        if kept != own.id && !matches!(fault, LoserSucceeds | FirstRelease) {
            return Err(Error::new(ErrorKind::Conflict, ""));
        }
        if list.is_empty() || matches!(fault, DoesNotConfirm | FirstRelease) {
            return Ok(kept == own.id);
        }
    }
}
