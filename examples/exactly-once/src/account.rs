use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use nano_webhook_axum::{Credits, LeaseHandle, Webhook, WebhookEvent, WebhookRejection};
use nano_webhook_sqlx::TransactionError;
use serde_json::json;
use tokio::sync::Notify;

use crate::database::Database;

/// The balance, and where its changes are announced.
#[derive(Clone)]
pub(crate) struct Account {
    database: Database,
    written: Arc<Notify>,
}

/// What a delivery changes.
pub(crate) struct Change {
    pub(crate) credits: i64,
    /// For the outside world, as JSON.
    pub(crate) message: String,
}

impl Account {
    pub(crate) fn new(database: Database, written: Arc<Notify>) -> Self {
        Self { database, written }
    }

    /// One transaction: the balance, the message and the completion of the delivery.
    async fn change(&self, change: Change, lease: &LeaseHandle) -> Result<(), TransactionError> {
        self.database.commit(change, lease).await?;
        self.written.notify_one();
        Ok(())
    }
}

/// Answers 200 after the commit, and 503 if the transaction failed.
pub(crate) async fn on_event(
    Webhook(event): Webhook,
    Extension(account): Extension<Account>,
    Extension(lease): Extension<LeaseHandle>,
) -> Result<StatusCode, WebhookRejection> {
    let (credits, message) = match &event {
        WebhookEvent::Completed(job) => (
            job.credits_charged.and_then(Credits::as_u64).unwrap_or(0),
            json!({ "event": event.name(), "task_id": job.task_id, "url": job.url }),
        ),
        WebhookEvent::Failed(job) => (
            0,
            json!({ "event": event.name(), "task_id": job.task_id, "reason": job.reason() }),
        ),
        other => (
            0,
            json!({ "event": other.name(), "task_id": other.task_id() }),
        ),
    };
    let change = Change {
        credits: credits.try_into().unwrap_or(i64::MAX),
        message: message.to_string(),
    };
    account.change(change, &lease).await?;
    Ok(StatusCode::OK)
}
