use std::time::Duration;

use nano_webhook_core::WebhookEvent;
use nano_webhook_core::dedupe::LeaseHandle;
use nano_webhook_sqlx::TransactionError;

use crate::{Evidence, Ledger, evidence};

/// What a receiver does with a delivery.
#[derive(Clone)]
pub enum Work {
    /// It leaves evidence in files, outside the store.
    Evidence(Evidence),
    /// It counts the delivery in the database of the claims. Leases have this length.
    Ledger(Ledger, Duration),
}

impl Work {
    /// Handles a delivery, and returns the status of the answer.
    ///
    /// # Errors
    /// If a transaction was not committed.
    pub async fn handle(
        &self,
        event: &WebhookEvent,
        lease: Option<&LeaseHandle>,
    ) -> Result<u16, TransactionError> {
        match (self, event.task_id(), lease) {
            (Self::Evidence(evidence), ..) => Ok(evidence::handle(evidence, event, lease).await),
            (Self::Ledger(ledger, length), Some(task), Some(lease)) => {
                ledger.handle(task, lease, *length).await?;
                Ok(200)
            }
            (Self::Ledger(..), ..) => Ok(500),
        }
    }
}
