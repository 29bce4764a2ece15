use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, LeaseHandle, OwnerToken, Ownership, StoreFuture,
    Terms,
};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{Row as _, Sqlite, Transaction};

use super::open::{self, is_busy};
use super::writer::Writer;
use crate::error::{SqlStoreError, parse};
use crate::record::{Call, acquired, refused};
use crate::store::{Claims, Lease, SWEPT_ROWS, Store, bounded, dedupe_store, key, with_terms};
use crate::transaction::TransactionError;

/// A [`DedupeStore`] in an SQLite file, for one machine: it survives restarts and
/// power cuts, and needs no server. Several processes can use the same file.
///
/// The file is in WAL mode with `synchronous = FULL`: what was answered is on the
/// disk. It needs a local disk, not a network file system. Clones share the
/// connections: one that writes, and four that read. Calls that wait for the one that
/// writes are committed together, and answered after the commit.
///
/// Every call returns within five seconds.
///
/// ```
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # std::env::set_current_dir(&folder)?;
/// use nano_webhook_sqlx::SqliteStore;
///
/// let store = SqliteStore::open("webhooks.db").await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SqliteStore(Arc<Store<File>>);

struct File {
    path: PathBuf,
    writer: Writer,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens this file, and creates it and its table ([`SCHEMA`](super::SCHEMA)) if
    /// they do not exist.
    ///
    /// # Errors
    /// [`SqlStoreError::Database`] if the file cannot be opened or is not an SQLite
    /// database, and [`SqlStoreError::Unsuitable`] if it cannot be in WAL mode.
    pub async fn open(file: impl AsRef<Path>) -> Result<Self, SqlStoreError> {
        Self::connect_with(SqliteConnectOptions::new().filename(file)).await
    }

    /// Opens the file of a URL such as `sqlite:webhooks.db`.
    ///
    /// # Errors
    /// Those of [`open`](Self::open), and [`SqlStoreError::Url`].
    pub async fn connect(url: &str) -> Result<Self, SqlStoreError> {
        Self::connect_with(parse(url, &["sqlite:"])?).await
    }

    async fn connect_with(options: SqliteConnectOptions) -> Result<Self, SqlStoreError> {
        let path = options.get_filename().to_owned();
        let (writer, readers) = open::pools(options).await?;
        Ok(Self(Arc::new(Store::new(File {
            path,
            writer: Writer::new(writer),
            readers,
        }))))
    }

    /// Options for your own connections to the store's file, with the same
    /// durability. Prefer [`begin`](Self::begin) for transactions that write. With a
    /// pool of your own, begin them with `pool.begin_with("BEGIN IMMEDIATE")`: after
    /// a plain `BEGIN`, a write fails with `SQLITE_BUSY` if another connection has
    /// written since the first read.
    #[must_use]
    pub fn connect_options(&self) -> SqliteConnectOptions {
        open::durable(SqliteConnectOptions::new().filename(&self.0.claims.path))
    }

    /// Begins a transaction on the store's writing connection (`BEGIN IMMEDIATE`).
    ///
    /// SQLite has one writer at a time: claims wait until this transaction ends, for
    /// up to two seconds, and then fail. Do the slow work before you begin it.
    ///
    /// # Errors
    /// [`TransactionErrorKind::Conflict`](crate::TransactionErrorKind::Conflict) if
    /// another process does not end its transaction within two seconds, and the
    /// errors of the database.
    pub async fn begin(&self) -> Result<Transaction<'static, Sqlite>, TransactionError> {
        Ok(self.0.claims.writer.begin().await?)
    }

    /// Completes the delivery in the handler's transaction: the completion is
    /// committed together with the handler's own changes, or not at all. Answer
    /// 2xx only after the commit.
    ///
    /// The transaction is one of [`begin`](Self::begin), or of your own pool on the
    /// same file ([`connect_options`](Self::connect_options)). Call this at any
    /// point of it.
    ///
    /// # Errors
    /// [`TransactionErrorKind::LeaseLost`](crate::TransactionErrorKind::LeaseLost)
    /// if another request has claimed the delivery, and the errors of the database.
    /// Roll the transaction back on any of them.
    pub async fn complete_in(
        &self,
        transaction: &mut Transaction<'_, Sqlite>,
        lease: &LeaseHandle,
    ) -> Result<(), TransactionError> {
        let completed = key(super::COMPLETE_IN, lease.delivery_id(), lease.owner())
            .execute(&mut **transaction)
            .await?;
        TransactionError::unless_changed(completed.rows_affected())
    }
}

impl Claims for File {
    async fn claim(&self, lease: Lease, body: BodyDigest) -> Result<Option<Claim>, SqlStoreError> {
        let look = key(include_str!("look.sql"), lease.id, lease.owner);
        if let Some(row) = bounded(look.fetch_optional(&self.readers)).await? {
            return refused(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?).map(Some);
        }
        let claim = key(include_str!("claim.sql"), lease.id, lease.owner);
        let claim = with_terms(claim.bind(body.as_bytes().to_vec()), lease.terms);
        match self.writer.row(claim).await? {
            Some(row) => acquired(row.try_get(0)?, row.try_get(1)?).map(Some),
            None => Ok(None),
        }
    }

    async fn change(&self, call: Call, lease: Lease) -> Result<Option<Ownership>, SqlStoreError> {
        let sql = match call {
            Call::Renew => include_str!("renew.sql"),
            Call::Complete => include_str!("complete.sql"),
            Call::Release => include_str!("release.sql"),
        };
        let statement = with_terms(key(sql, lease.id, lease.owner), lease.terms);
        match self.writer.row(statement).await {
            Ok(Some(_)) => return Ok(Some(Ownership::Held)),
            Ok(None) => {}
            // The handler's own transaction may be open: the record decides.
            Err(error) if call == Call::Renew && is_busy(&error) => {}
            Err(error) => return Err(error),
        }
        let own = key(include_str!("own.sql"), lease.id, lease.owner);
        let own = match bounded(own.fetch_optional(&self.readers)).await? {
            Some(row) => Some((row.try_get(0)?, row.try_get(1)?)),
            None => None,
        };
        Ok(call.unchanged(own))
    }

    async fn sweep(&self) -> Result<(), SqlStoreError> {
        let sweep = sqlx::query(include_str!("sweep.sql")).bind(SWEPT_ROWS);
        self.writer.row(sweep).await.map(drop)
    }
}

dedupe_store!(SqliteStore);

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("file", &self.0.claims.path)
            .finish_non_exhaustive()
    }
}
