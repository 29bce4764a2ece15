//! What the tests of both databases share.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "each test file uses its part"
)]

mod handler;

use std::sync::Arc;
use std::time::Duration;

use nano_webhook_core::dedupe::{
    BodyDigest, DedupeStore, DeliveryId, LeaseHandle, OwnerToken, Terms,
};
use nano_webhook_sqlx::sqlx::{self, AssertSqlSafe, PgPool, SqlitePool};
use nano_webhook_sqlx::{PostgresStore, SqliteStore, TransactionError};
use tempfile::TempDir;

pub use handler::handle;
pub use nano_webhook_test_kit::PostgresServer;

/// Far longer than a test takes on a loaded machine: time passes by [`Database::age`].
pub const TERMS: Terms = Terms {
    lease: Duration::from_secs(600),
    retention: Duration::from_secs(3600),
};

pub fn id(number: u8) -> DeliveryId {
    DeliveryId::from_bytes([number; 32])
}

pub fn owner(number: u8) -> OwnerToken {
    OwnerToken::from_bytes([number; 16])
}

pub fn body(number: u8) -> BodyDigest {
    BodyDigest::from_bytes([number; 16])
}

/// A store, and a pool of the user on the same database.
pub enum Database {
    Postgres(PostgresStore, PgPool, Box<PostgresServer>),
    Sqlite(SqliteStore, SqlitePool, TempDir),
}

impl Database {
    pub async fn postgres() -> Self {
        let server = PostgresServer::start().await;
        let store = PostgresStore::connect(&server.url()).await.unwrap();
        let pool = PgPool::connect(&server.url()).await.unwrap();
        Self::Postgres(store, pool, Box::new(server))
    }

    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("webhooks.db"))
            .await
            .unwrap();
        let pool = SqlitePool::connect_with(store.connect_options())
            .await
            .unwrap();
        Self::Sqlite(store, pool, folder)
    }

    pub fn store(&self) -> Arc<dyn DedupeStore> {
        match self {
            Self::Postgres(store, ..) => Arc::new(store.clone()),
            Self::Sqlite(store, ..) => Arc::new(store.clone()),
        }
    }

    pub async fn execute(&self, sql: &str) -> u64 {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Postgres(_, pool, _) => sql.execute(pool).await.unwrap().rows_affected(),
            Self::Sqlite(_, pool, _) => sql.execute(pool).await.unwrap().rows_affected(),
        }
    }

    pub async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        let number = match self {
            Self::Postgres(_, pool, _) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Self::Sqlite(_, pool, _) => sqlx::query_scalar(sql).fetch_one(pool).await,
        };
        number.unwrap()
    }

    /// A handler's transaction: an effect, the completion, and what `open` does before
    /// the commit. It is rolled back if `open` says false.
    pub async fn effect(
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
    pub async fn age(&self, by: Duration) {
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
