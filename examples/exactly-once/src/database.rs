use std::sync::Arc;

use nano_webhook_axum::LeaseHandle;
use nano_webhook_core::dedupe::DedupeStore;
use nano_webhook_sqlx::sqlx::{self, PgPool};
use nano_webhook_sqlx::{PostgresStore, SqliteStore, TransactionError};
use receiver_settings::BoxError;

use crate::account::Change;

/// Yours is one of the two.
#[derive(Clone)]
pub(crate) enum Database {
    Sqlite(SqliteStore),
    /// The store has connections of its own; the pool is for the handlers.
    Postgres(PostgresStore, PgPool),
}

const SQLITE_TABLES: &str = "
    CREATE TABLE IF NOT EXISTS balance (credits INTEGER NOT NULL);
    INSERT INTO balance SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM balance);
    CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT NOT NULL)";
const POSTGRES_TABLES: &str = "
    SELECT pg_advisory_xact_lock(1);
    CREATE TABLE IF NOT EXISTS balance (credits bigint NOT NULL);
    INSERT INTO balance SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM balance);
    CREATE TABLE IF NOT EXISTS outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, message text NOT NULL)";

const CREDIT: &str = "UPDATE balance SET credits = credits + $1";
const ANNOUNCE: &str = "INSERT INTO outbox (message) VALUES ($1)";
const NEXT: &str = "SELECT id, message FROM outbox ORDER BY id LIMIT 1";
const SENT: &str = "DELETE FROM outbox WHERE id = $1";

impl Database {
    pub(crate) async fn open(url: &str) -> Result<Self, BoxError> {
        if url.starts_with("sqlite:") {
            let store = SqliteStore::connect(url).await?;
            let mut transaction = store.begin().await?;
            let create = sqlx::raw_sql(SQLITE_TABLES);
            create.execute(&mut *transaction).await?;
            transaction.commit().await?;
            return Ok(Self::Sqlite(store));
        }
        let store = PostgresStore::connect(url).await?;
        let pool = PgPool::connect(url).await?;
        sqlx::raw_sql(POSTGRES_TABLES).execute(&pool).await?;
        Ok(Self::Postgres(store, pool))
    }

    pub(crate) fn store(&self) -> Arc<dyn DedupeStore> {
        match self {
            Self::Sqlite(store) => Arc::new(store.clone()),
            Self::Postgres(store, _) => Arc::new(store.clone()),
        }
    }

    /// The handler's transaction. An error rolls it back.
    pub(crate) async fn commit(
        &self,
        change: Change,
        lease: &LeaseHandle,
    ) -> Result<(), TransactionError> {
        match self {
            Self::Sqlite(store) => {
                let mut transaction = store.begin().await?;
                let credit = sqlx::query(CREDIT).bind(change.credits);
                credit.execute(&mut *transaction).await?;
                let announce = sqlx::query(ANNOUNCE).bind(change.message);
                announce.execute(&mut *transaction).await?;
                store.complete_in(&mut transaction, lease).await?;
                transaction.commit().await?;
            }
            Self::Postgres(store, pool) => {
                let mut transaction = pool.begin().await?;
                let credit = sqlx::query(CREDIT).bind(change.credits);
                credit.execute(&mut *transaction).await?;
                let announce = sqlx::query(ANNOUNCE).bind(change.message);
                announce.execute(&mut *transaction).await?;
                store.complete_in(&mut transaction, lease).await?;
                transaction.commit().await?;
            }
        }
        Ok(())
    }

    /// The oldest message that is not sent yet.
    pub(crate) async fn next_message(&self) -> Result<Option<(i64, String)>, TransactionError> {
        Ok(match self {
            Self::Sqlite(store) => {
                let mut transaction = store.begin().await?;
                let next = sqlx::query_as(NEXT);
                next.fetch_optional(&mut *transaction).await?
            }
            Self::Postgres(_, pool) => sqlx::query_as(NEXT).fetch_optional(pool).await?,
        })
    }

    pub(crate) async fn mark_sent(&self, id: i64) -> Result<(), TransactionError> {
        match self {
            Self::Sqlite(store) => {
                let mut transaction = store.begin().await?;
                let sent = sqlx::query(SENT).bind(id);
                sent.execute(&mut *transaction).await?;
                transaction.commit().await?;
            }
            Self::Postgres(_, pool) => {
                sqlx::query(SENT).bind(id).execute(pool).await?;
            }
        }
        Ok(())
    }
}
