//! `ensure` as it must not be.

use crate::client::Client;
use crate::error::Error;
use crate::error_kind::ErrorKind;
use crate::same_url::same_url;
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
    let before = client.active_at(wanted.url()).await?;
    if let [webhook] = &before[..]
        && webhook.subscribes_to(wanted.events())
    {
        return Ok(false);
    }
    let own = client.create(wanted).await?;
    loop {
        let mut list = client.list().await?.webhooks;
        list.retain(|webhook| same_url(&webhook.url, wanted.url()));
        let key = |webhook: &Webhook| (webhook.id.as_u64(), webhook.id.to_string());
        let newest = match fault {
            Fault::FirstRelease => (list.iter())
                .filter(|webhook| webhook.subscribes_to(wanted.events()))
                .max_by_key(|webhook| key(webhook)),
            Fault::DeletesNewer => None,
            _ => list.iter().max_by_key(|webhook| key(webhook)),
        };
        let kept = newest.unwrap_or(&own).clone();
        let others: Vec<_> = list
            .iter()
            .filter(|webhook| webhook.id != kept.id)
            .collect();
        for other in &others {
            match client.delete(other.id.clone()).await {
                Err(error) if error.status() != Some(404) => return Err(error),
                _ => {}
            }
        }
        if kept.id != own.id && fault != Fault::LoserSucceeds && fault != Fault::FirstRelease {
            return Err(Error::new(ErrorKind::Conflict));
        }
        if others.is_empty() || matches!(fault, Fault::DoesNotConfirm | Fault::FirstRelease) {
            return Ok(kept.id == own.id);
        }
    }
}
