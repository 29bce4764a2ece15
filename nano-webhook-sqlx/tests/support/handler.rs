use std::sync::Arc;

use nano_webhook_core::adapter::Claimed;
use nano_webhook_core::dedupe::{Dedupe, DedupeStore, LeaseHandle};
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
    let dedupe = Dedupe::builder(Arc::clone(store), "tests").build().unwrap();
    let Claimed::Held(claim) = dedupe.claim(&delivery, tokio::time::sleep).await else {
        return None;
    };
    let lease = claim.lease().unwrap();
    let handled = claim.run(handler(lease), Result::is_ok).await;
    Some(handled.output.unwrap().unwrap_or_else(|error| error))
}
