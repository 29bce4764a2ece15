use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};

use super::SCHEMA;
use super::connections::Connections;
use crate::error::SqlStoreError;

/// One transaction: of several processes that start at once, the first creates the
/// table. The lock's number is this crate's own.
const CREATE: &str = "SELECT pg_advisory_xact_lock(7957412069843511362)";

/// Checks what the server promises, before the store changes its session.
pub(super) async fn check(connections: &Connections) -> Result<(), SqlStoreError> {
    let mut connection = connections.raw().await?;
    let (standby, fsync, commit, isolation, exists): (bool, String, String, String, bool) =
        sqlx::query_as(
            "SELECT pg_is_in_recovery(), current_setting('fsync'), \
                current_setting('synchronous_commit'), \
                current_setting('default_transaction_isolation'), \
                to_regclass('nano_webhook_claims') IS NOT NULL",
        )
        .fetch_one(&mut connection)
        .await?;
    if standby {
        return Err(SqlStoreError::Unsuitable {
            reason: String::from("the server is a standby; use the primary's address"),
        });
    }
    for (setting, value) in [("fsync", &fsync), ("synchronous_commit", &commit)] {
        if value == "off" {
            tracing::warn!(
                setting,
                "the database may forget completions when it crashes, and deliveries are then handled twice; turn the setting on"
            );
        }
    }
    if isolation != "read committed" {
        tracing::warn!(
            isolation,
            "transactions are stricter than read committed by default; call complete_in first in each, or renewals of the lease make it fail with 40001"
        );
    }
    if !exists {
        create(&mut connection).await?;
    }
    Ok(())
}

/// Only where needed: `CREATE INDEX IF NOT EXISTS` locks the table before it looks,
/// and the store's user may lack the right to create.
async fn create(connection: &mut PgConnection) -> Result<(), SqlStoreError> {
    let mut transaction = connection.begin().await?;
    transaction.execute(sqlx::raw_sql(CREATE)).await?;
    transaction.execute(sqlx::raw_sql(SCHEMA)).await?;
    transaction.commit().await?;
    Ok(())
}
