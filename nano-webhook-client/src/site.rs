use crate::client::Client;
use crate::error::Error;
use crate::error_kind::ErrorKind;
use crate::id::WebhookId;
use crate::same_url::same_url;
use crate::webhook::Webhook;

/// The webhooks at one URL, by one list.
pub(crate) struct Site {
    pub(crate) active: Vec<Webhook>,
    pub(crate) inactive: Vec<Webhook>,
    pub(crate) elsewhere: Vec<Webhook>,
}

impl Client {
    pub(crate) async fn site(&self, url: &str) -> Result<Site, Error> {
        let list = self.list().await?;
        let (here, elsewhere) = (list.webhooks.into_iter())
            .partition::<Vec<_>, _>(|webhook| same_url(&webhook.url, url));
        let named = |entry: &str| same_url(entry, url);
        let mut unreadable = list.unreadable.iter();
        if let Some(entry) = unreadable.find(|entry| entry.url.as_deref().is_some_and(named)) {
            let detail = format!("entry {}: {}", entry.position, entry.problem);
            let error = Error::new(ErrorKind::UnreadableEntry).detail(detail);
            return Err(error.having(None, &[], &here));
        }
        let (active, inactive) = here.into_iter().partition(Webhook::is_active);
        Ok(Site {
            active,
            inactive,
            elsewhere,
        })
    }
}

impl Site {
    pub(crate) fn here(&self) -> impl Iterator<Item = &Webhook> {
        self.active.iter().chain(&self.inactive)
    }

    pub(crate) fn len(&self) -> usize {
        self.here().count().saturating_add(self.elsewhere.len())
    }

    pub(crate) fn find(&self, id: &WebhookId) -> Option<&Webhook> {
        (self.here().chain(&self.elsewhere)).find(|webhook| webhook.id == *id)
    }

    /// The webhook that an earlier run created and the provider has not activated,
    /// or that was switched off. Creating another one would repeat with each run.
    pub(crate) fn newest_is_inactive(&self) -> Option<&Webhook> {
        let older =
            |than: &Webhook, webhook: &Webhook| match (webhook.id.as_u64(), than.id.as_u64()) {
                (Some(webhook), Some(than)) => webhook < than,
                _ => false,
            };
        (self.inactive.iter())
            .find(|inactive| !self.active.iter().any(|active| older(active, inactive)))
    }
}
