use std::sync::Arc;

use nano_webhook_core::dedupe::{Dedupe, DedupeStore, LeaseHandle, Processed};
use nano_webhook_core::{Delivery, MatchedSecret, UnixTime};

/// Handles a delivery as an adapter does. `None`: the handler was not called.
pub async fn handle<T>(
    store: &Arc<dyn DedupeStore>,
    task: &str,
    handler: impl AsyncFnOnce(LeaseHandle) -> Result<T, T>,
) -> Option<T> {
    let body = format!(
        r#"{{"event":"job.completed","task_id":"{task}","data":{{"url":"https://cdn.example.com/1.png"}}}}"#
    );
    let delivery =
        Delivery::assume_verified(body, UnixTime::from_secs(1), MatchedSecret::Current).unwrap();
    let dedupe = Dedupe::new(Arc::clone(store));
    let handler = async |lease: Option<LeaseHandle>| handler(lease.unwrap()).await;
    match dedupe
        .process(&delivery, tokio::time::sleep, handler, Result::is_ok)
        .await
    {
        Processed::Handled { output, .. } => Some(output.unwrap_or_else(|error| error)),
        _ => None,
    }
}
