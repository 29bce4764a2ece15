use std::time::{Duration, Instant};

use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

use super::SCHEMA;
use crate::error::SqlStoreError;
use crate::transaction::is_conflict;

/// How long a connection waits for another process's transaction, and a call for a
/// connection.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// Several processes may set the file up at once.
const SETUP_TIMEOUT: Duration = Duration::from_secs(10);
const SETUP_PAUSE: Duration = Duration::from_millis(20);

/// Reads wait for no writer; these four are threads.
const READERS: u32 = 4;

/// `fullfsync` makes macOS flush the drive too; elsewhere it has no effect.
pub(super) fn durable(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .create_if_missing(true)
        .synchronous(SqliteSynchronous::Full)
        .pragma("fullfsync", "1")
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
}

/// One connection that writes, and some that read.
pub(super) async fn pools(
    options: SqliteConnectOptions,
) -> Result<(SqlitePool, SqlitePool), SqlStoreError> {
    let options = durable(options);
    let began = Instant::now();
    while let Err(error) = set_up(&options).await {
        if !is_busy(&error) || began.elapsed() > SETUP_TIMEOUT {
            return Err(error);
        }
        tokio::time::sleep(SETUP_PAUSE).await;
    }
    let pool = |connections| {
        PoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(BUSY_TIMEOUT)
            .test_before_acquire(false)
            .after_release(|connection, _| Box::pin(is_usable(connection)))
            .connect_lazy_with(options.clone())
    };
    Ok((pool(1), pool(READERS)))
}

/// SQLite itself rolls back when the disk is full. sqlx then counts a transaction that
/// no longer exists, and begins no other on the connection (0.9.0).
async fn is_usable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // The rollback may be under way.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// The journal mode is a property of the file, so it is set once, here: setting it
/// with each connection fails while another process starts.
async fn set_up(options: &SqliteConnectOptions) -> Result<(), SqlStoreError> {
    let mut connection = SqliteConnection::connect_with(options).await?;
    let journal = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = WAL");
    let journal = journal.fetch_one(&mut connection).await?;
    if journal != "wal" {
        return Err(SqlStoreError::Unsuitable {
            reason: format!("journal_mode is {journal}, not wal; use a file on a local disk"),
        });
    }
    connection.execute(sqlx::raw_sql(SCHEMA)).await?;
    connection.close().await?;
    Ok(())
}

/// `SQLITE_BUSY` or `SQLITE_LOCKED`, or no connection of the pool is free.
pub(super) fn is_busy(error: &SqlStoreError) -> bool {
    match error {
        SqlStoreError::Timeout { .. } => true,
        SqlStoreError::Database(error) => {
            matches!(**error, sqlx::Error::PoolTimedOut) || is_conflict(error)
        }
        _ => false,
    }
}
