use std::collections::BTreeMap;
use std::io;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_core::dedupe::{DedupeStore, LeaseHandle};
use nano_webhook_sqlx::sqlx::postgres::PgPoolOptions;
use nano_webhook_sqlx::sqlx::sqlite::SqliteConnectOptions;
use nano_webhook_sqlx::sqlx::{self, ConnectOptions as _, Connection as _, PgConnection, PgPool};
use nano_webhook_sqlx::{PostgresStore, SqlStoreError, SqliteStore, TransactionError};

/// Effects that are counted in the database of the claims.
#[derive(Clone)]
pub struct Ledger {
    database: Database,
    /// The control: commits the effect, and leaves the completion to the library.
    apart: bool,
}

#[derive(Clone)]
enum Database {
    Postgres(PostgresStore, PgPool),
    Sqlite(SqliteStore),
}

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS proof_counters (task text PRIMARY KEY, count bigint NOT NULL);
    CREATE TABLE IF NOT EXISTS proof_log (task text NOT NULL)";
const COUNT: &str = "INSERT INTO proof_counters AS c VALUES ($1, 1) \
    ON CONFLICT (task) DO UPDATE SET count = c.count + 1";
const LOG: &str = "INSERT INTO proof_log VALUES ($1)";

/// A counter and a log without a key must agree.
const COUNTS: &str = "SELECT c.task, CASE c.count WHEN l.count THEN l.count ELSE -1 END \
    FROM proof_counters AS c LEFT JOIN \
    (SELECT task, count(*) AS count FROM proof_log GROUP BY task) AS l ON l.task = c.task";

/// A connection that leads nowhere must not hold a handler.
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(2);

impl Ledger {
    /// Opens the database at this URL.
    ///
    /// # Errors
    /// Those of the stores.
    pub async fn open(url: &str, apart: bool) -> Result<Self, SqlStoreError> {
        let database = if url.starts_with("sqlite:") {
            Database::Sqlite(SqliteStore::connect(url).await?)
        } else {
            // Small: it runs dry.
            let pool = PgPoolOptions::new()
                .max_connections(4)
                .acquire_timeout(Duration::from_millis(300))
                .connect_lazy(url)?;
            Database::Postgres(PostgresStore::connect(url).await?, pool)
        };
        Ok(Self { database, apart })
    }

    /// Creates its tables. Afterwards no connection is open.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn create(url: &str) -> Result<(), sqlx::Error> {
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?.create_if_missing(true);
            let mut connection = options.connect().await?;
            sqlx::raw_sql(TABLES).execute(&mut connection).await?;
            connection.close().await
        } else {
            let mut connection = PgConnection::connect(url).await?;
            sqlx::raw_sql(TABLES).execute(&mut connection).await?;
            connection.close().await
        }
    }

    /// The store of the claims.
    #[must_use]
    pub fn store(&self) -> Arc<dyn DedupeStore> {
        match &self.database {
            Database::Postgres(store, _) => Arc::new(store.clone()),
            Database::Sqlite(store) => Arc::new(store.clone()),
        }
    }

    /// Handles a delivery: one effect, in the transaction that completes it.
    ///
    /// # Errors
    /// If the transaction was not committed.
    pub async fn handle(
        &self,
        task: &str,
        lease: &LeaseHandle,
        lease_length: Duration,
    ) -> Result<(), TransactionError> {
        // One in 25 outlives its lease.
        let chance = lease.delivery_id().as_bytes().first().copied();
        let outlives = lease.attempt() == 1 && chance.is_some_and(|byte| byte.is_multiple_of(25));
        let nap = if outlives {
            lease_length * 2
        } else {
            lease_length / 40
        };
        let completed = (!self.apart).then_some(lease);
        let counted = tokio::time::timeout(TRANSACTION_TIMEOUT, self.count(task, nap, completed));
        counted
            .await
            .unwrap_or(Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into()).into()))?;
        if self.apart {
            // A kill is to fall between the effect and its completion.
            tokio::time::sleep(lease_length / 20).await;
        }
        Ok(())
    }

    /// The handler's transaction. Postgres: it naps before the completion.
    async fn count(
        &self,
        task: &str,
        nap: Duration,
        lease: Option<&LeaseHandle>,
    ) -> Result<(), TransactionError> {
        match &self.database {
            Database::Postgres(store, pool) => {
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
            Database::Sqlite(store) => {
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

    /// How often each task was counted. -1: the log says otherwise.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn counts(&self) -> Result<BTreeMap<String, i64>, TransactionError> {
        let rows: Vec<(String, i64)> = match &self.database {
            Database::Postgres(_, pool) => sqlx::query_as(COUNTS).fetch_all(pool).await?,
            Database::Sqlite(store) => {
                let mut transaction = store.begin().await?;
                sqlx::query_as(COUNTS).fetch_all(&mut *transaction).await?
            }
        };
        Ok(rows.into_iter().collect())
    }
}
