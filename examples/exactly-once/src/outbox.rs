use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use receiver_settings::BoxError;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::database::Database;

/// Replicas write messages too, and the database may have been away.
const PAUSE: Duration = Duration::from_secs(5);

/// Sends the messages in their order: each at least once. With replicas, let one of
/// them send.
pub(crate) async fn send(database: Database, written: Arc<Notify>) {
    loop {
        if let Err(error) = send_all(&database).await {
            tracing::error!(%error, "the outbox cannot be sent; trying again");
        }
        let _ = timeout(PAUSE, written.notified()).await;
    }
}

async fn send_all(database: &Database) -> Result<(), BoxError> {
    while let Some((id, message)) = database.next_message().await? {
        // Yours would post it, with the id as its idempotency key. A process that
        // dies here sends the message again when it is back.
        let mut stdout = std::io::stdout();
        writeln!(stdout, "{message}")?;
        stdout.flush()?;
        database.mark_sent(id).await?;
    }
    Ok(())
}
