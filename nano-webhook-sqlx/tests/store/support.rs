//! What the tests of both databases share.

use std::sync::Arc;
use std::time::Duration;

use nano_webhook_core::adapter::Claimed;
use nano_webhook_core::dedupe::{
    BodyDigest, Claim, Dedupe, DedupeStore, DeliveryId, LeaseHandle, OwnerToken, StoreError, Terms,
};
use nano_webhook_core::{Delivery, MatchedSecret, UnixTime};
use nano_webhook_sqlx::sqlx::{self, AssertSqlSafe, PgPool, SqlitePool};
use nano_webhook_sqlx::{PostgresStore, SqliteStore, TransactionError};
use tempfile::TempDir;

pub(crate) use nano_webhook_test_kit::PostgresServer;

/// Far longer than a test takes on a loaded machine: time passes by [`Database::age`].
pub(crate) const TERMS: Terms = Terms {
    lease: Duration::from_secs(600),
    retention: Duration::from_secs(3600),
};

pub(crate) fn id(number: u8) -> DeliveryId {
    DeliveryId::from_bytes([number; 32])
}

pub(crate) fn owner(number: u8) -> OwnerToken {
    OwnerToken::from_bytes([number; 16])
}

/// Claims for an owner, with a body of its own.
pub(crate) async fn claim(
    store: &impl DedupeStore,
    id: DeliveryId,
    by: u8,
) -> Result<Claim, StoreError> {
    let body = BodyDigest::from_bytes([by; 16]);
    store.claim(id, body, owner(by), TERMS).await
}

const EFFECTS: &str = "CREATE TABLE effects (effect int NOT NULL)";

/// A store, and a pool of the user on the same database.
pub(crate) enum Database {
    Postgres(PostgresStore, PgPool, Box<PostgresServer>),
    Sqlite(SqliteStore, SqlitePool, TempDir),
}

impl Database {
    pub(crate) async fn postgres() -> Self {
        let server = PostgresServer::start().await;
        let store = PostgresStore::connect(&server.url()).await.unwrap();
        let pool = PgPool::connect(&server.url()).await.unwrap();
        sqlx::query(EFFECTS).execute(&pool).await.unwrap();
        Self::Postgres(store, pool, Box::new(server))
    }

    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("webhooks.db"))
            .await
            .unwrap();
        let pool = SqlitePool::connect_with(store.connect_options())
            .await
            .unwrap();
        sqlx::query(EFFECTS).execute(&pool).await.unwrap();
        Self::Sqlite(store, pool, folder)
    }

    pub(crate) async fn both() -> [Self; 2] {
        [Self::sqlite().await, Self::postgres().await]
    }

    pub(crate) fn store(&self) -> Arc<dyn DedupeStore> {
        match self {
            Self::Postgres(store, ..) => Arc::new(store.clone()),
            Self::Sqlite(store, ..) => Arc::new(store.clone()),
        }
    }

    pub(crate) async fn execute(&self, sql: &str) -> u64 {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Postgres(_, pool, _) => sql.execute(pool).await.unwrap().rows_affected(),
            Self::Sqlite(_, pool, _) => sql.execute(pool).await.unwrap().rows_affected(),
        }
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        let number = match self {
            Self::Postgres(_, pool, _) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Self::Sqlite(_, pool, _) => sqlx::query_scalar(sql).fetch_one(pool).await,
        };
        number.unwrap()
    }

    /// A handler's transaction: an effect, the completion, and what `open` does before
    /// the commit. It is rolled back if `open` says false.
    pub(crate) async fn effect(
        &self,
        lease: &LeaseHandle,
        open: impl Future<Output = bool>,
    ) -> Result<(), TransactionError> {
        let effect = "INSERT INTO effects VALUES (1)";
        match self {
            Self::Postgres(store, pool, _) => {
                let mut transaction = pool.begin().await?;
                sqlx::query(effect).execute(&mut *transaction).await?;
                store.complete_in(&mut transaction, lease).await?;
                match open.await {
                    true => transaction.commit().await?,
                    false => transaction.rollback().await?,
                }
            }
            Self::Sqlite(store, ..) => {
                let mut transaction = store.begin().await?;
                sqlx::query(effect).execute(&mut *transaction).await?;
                store.complete_in(&mut transaction, lease).await?;
                match open.await {
                    true => transaction.commit().await?,
                    false => transaction.rollback().await?,
                }
            }
        }
        Ok(())
    }

    /// Lets time pass for every record.
    pub(crate) async fn age(&self, by: Duration) {
        let by = by.as_millis();
        let by = match self {
            Self::Postgres(..) => format!("interval '{by} ms'"),
            Self::Sqlite(..) => by.to_string(),
        };
        self.execute(&format!(
            "UPDATE nano_webhook_claims SET leased_at = leased_at - {by}, lease_until = lease_until - {by}, expires = expires - {by}"
        ))
        .await;
    }
}

/// Handles a delivery as an adapter does. `None`: the handler was not called.
pub(crate) async fn handle<T>(
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
