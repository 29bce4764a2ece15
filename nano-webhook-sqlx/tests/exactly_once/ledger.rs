use std::collections::BTreeMap;
use std::time::Duration;

use nano_webhook_core::dedupe::{DedupeStore, LeaseHandle};
use nano_webhook_sqlx::sqlx::postgres::PgPoolOptions;
use nano_webhook_sqlx::sqlx::{self, AssertSqlSafe, PgPool};
use nano_webhook_sqlx::{PostgresStore, SqliteStore, TransactionError};

/// Where the effects are counted: in the database of the claims.
#[derive(Clone)]
pub enum Ledger {
    Postgres(PostgresStore, PgPool),
    Sqlite(SqliteStore),
}

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS proof_counters (task text PRIMARY KEY, count bigint NOT NULL);
    CREATE TABLE IF NOT EXISTS proof_log (task text NOT NULL)";
const COUNT: &str = "INSERT INTO proof_counters AS c VALUES ($1, 1) \
    ON CONFLICT (task) DO UPDATE SET count = c.count + 1";
const LOG: &str = "INSERT INTO proof_log VALUES ($1)";

impl Ledger {
    pub async fn open(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            return Self::Sqlite(SqliteStore::connect(url).await.unwrap());
        }
        // Small: it runs dry.
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_millis(300))
            .connect_lazy(url)
            .unwrap();
        Self::Postgres(PostgresStore::connect(url).await.unwrap(), pool)
    }

    pub async fn create(&self) {
        match self {
            Self::Postgres(_, pool) => {
                sqlx::raw_sql(TABLES).execute(pool).await.unwrap();
            }
            Self::Sqlite(store) => {
                let mut transaction = store.begin().await.unwrap();
                let create = sqlx::raw_sql(TABLES).execute(&mut *transaction);
                create.await.unwrap();
                transaction.commit().await.unwrap();
            }
        }
    }

    pub fn store(&self) -> std::sync::Arc<dyn DedupeStore> {
        match self {
            Self::Postgres(store, _) => std::sync::Arc::new(store.clone()),
            Self::Sqlite(store) => std::sync::Arc::new(store.clone()),
        }
    }

    /// The handler's transaction. Postgres: it naps before the completion.
    pub async fn count(
        &self,
        task: &str,
        nap: Duration,
        lease: Option<&LeaseHandle>,
    ) -> Result<(), TransactionError> {
        match self {
            Self::Postgres(store, pool) => {
                let mut transaction = pool.begin().await?;
                for sql in [COUNT, LOG] {
                    let write = sqlx::query(sql).bind(task.to_owned());
                    write.execute(&mut *transaction).await?;
                }
                tokio::time::sleep(nap).await;
                if let Some(lease) = lease {
                    store.complete_in(&mut transaction, lease).await?;
                }
                transaction.commit().await?;
            }
            Self::Sqlite(store) => {
                tokio::time::sleep(nap).await;
                let mut transaction = store.begin().await?;
                for sql in [COUNT, LOG] {
                    let write = sqlx::query(sql).bind(task.to_owned());
                    write.execute(&mut *transaction).await?;
                }
                if let Some(lease) = lease {
                    store.complete_in(&mut transaction, lease).await?;
                }
                transaction.commit().await?;
            }
        }
        Ok(())
    }

    /// How often each task was counted.
    pub async fn counts(&self) -> BTreeMap<String, i64> {
        let counts = "SELECT task, count FROM proof_counters";
        let rows = match self {
            Self::Postgres(_, pool) => sqlx::query_as(counts).fetch_all(pool).await,
            Self::Sqlite(store) => {
                let mut transaction = store.begin().await.unwrap();
                sqlx::query_as(counts).fetch_all(&mut *transaction).await
            }
        };
        rows.unwrap().into_iter().collect()
    }

    pub async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        let number = match self {
            Self::Postgres(_, pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Self::Sqlite(store) => {
                let mut transaction = store.begin().await.unwrap();
                sqlx::query_scalar(sql).fetch_one(&mut *transaction).await
            }
        };
        number.unwrap()
    }
}
