use std::fmt;
use std::sync::Arc;

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, LeaseHandle, OwnerToken, Ownership, StoreFuture,
    Terms,
};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Postgres, Row as _, Transaction};

use super::connections::Connections;
use crate::error::{SqlStoreError, parse};
use crate::record::{Call, acquired, refused};
use crate::store::{Claims, Lease, SWEPT_ROWS, Store, contended, dedupe_store, key, with_terms};
use crate::transaction::{TransactionError, has_code};

/// A [`DedupeStore`] in Postgres 13 or later, for any number of processes.
///
/// The store opens up to two connections of its own, apart from your pool: in a
/// trial with a shared pool of four, slow handlers used up the connections that
/// renewals needed, and leases were lost. Clones share the connections.
///
/// Every call returns within five seconds. A pooler in front of the server must
/// be in session mode.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use nano_webhook_sqlx::PostgresStore;
///
/// let store = PostgresStore::connect("postgres://app:password@db.internal/app").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore(Arc<Store<Connections>>);

impl PostgresStore {
    /// Connects to the server at this URL, and creates the table
    /// ([`SCHEMA`](super::SCHEMA)) if it does not exist.
    ///
    /// Logs a warning if `fsync` or `synchronous_commit` is off, which lets a crash
    /// of the server forget completions, and if transactions are stricter than
    /// `read committed` by default (see [`complete_in`](Self::complete_in)).
    ///
    /// # Errors
    /// [`SqlStoreError::Url`], [`SqlStoreError::Unsuitable`] for a standby, and
    /// [`SqlStoreError::Database`] or [`SqlStoreError::Timeout`] if the server
    /// rejects the connection or does not answer.
    pub async fn connect(url: &str) -> Result<Self, SqlStoreError> {
        Self::connect_with(parse(url, &["postgres://", "postgresql://"])?).await
    }

    /// Like [`connect`](Self::connect), with options for TLS, sockets or a schema.
    ///
    /// # Errors
    /// Those of [`connect`](Self::connect).
    pub async fn connect_with(options: PgConnectOptions) -> Result<Self, SqlStoreError> {
        let connections = Connections::new(options);
        super::setup::check(&connections).await?;
        Ok(Self(Arc::new(Store::new(connections))))
    }

    /// Completes the delivery in the handler's transaction: the completion is
    /// committed together with the handler's own changes, or not at all. Answer
    /// 2xx only after the commit.
    ///
    /// Call it at any point of the transaction. Under `REPEATABLE READ` and
    /// `SERIALIZABLE` call it **first**: a renewal of the lease after the
    /// transaction's first statement would make it fail with `40001`
    /// ([`TransactionErrorKind::Conflict`](crate::TransactionErrorKind::Conflict)).
    /// From this call on, renewals skip the locked row.
    ///
    /// # Errors
    /// [`TransactionErrorKind::LeaseLost`](crate::TransactionErrorKind::LeaseLost)
    /// if another request has claimed the delivery, and the errors of the database.
    /// Roll the transaction back on any of them.
    pub async fn complete_in(
        &self,
        transaction: &mut Transaction<'_, Postgres>,
        lease: &LeaseHandle,
    ) -> Result<(), TransactionError> {
        let completed = key(super::COMPLETE_IN, lease.delivery_id(), lease.owner())
            .execute(&mut **transaction)
            .await?;
        TransactionError::unless_changed(completed.rows_affected())
    }
}

impl Claims for Connections {
    async fn claim(&self, lease: Lease, body: BodyDigest) -> Result<Option<Claim>, SqlStoreError> {
        let claim = || {
            let claim = key(include_str!("claim.sql"), lease.id, lease.owner);
            with_terms(claim.bind(body.as_bytes().to_vec()), lease.terms)
        };
        let row = match self.row(claim).await {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(None),
            // The lease has run out, and the transaction that completes the
            // delivery is open.
            Err(error) if is_lock_timeout(&error) => return Ok(Some(contended(lease))),
            Err(error) => return Err(error),
        };
        let claim = match row.try_get("attempt")? {
            Some(attempt) => acquired(attempt, row.try_get("taken_over")?),
            None => refused(
                row.try_get::<i16, _>("state")?.into(),
                row.try_get("body_digest")?,
                row.try_get("remaining")?,
            ),
        };
        claim.map(Some)
    }

    async fn change(&self, call: Call, lease: Lease) -> Result<Option<Ownership>, SqlStoreError> {
        let sql = match call {
            Call::Renew => include_str!("renew.sql"),
            Call::Complete => include_str!("complete.sql"),
            Call::Release => include_str!("release.sql"),
        };
        let statement = || with_terms(key(sql, lease.id, lease.owner), lease.terms);
        let Some(row) = self.row(statement).await? else {
            return Ok(call.unchanged(None));
        };
        if row.try_get("changed")? {
            return Ok(Some(Ownership::Held));
        }
        let state = row.try_get::<i16, _>("state")?.into();
        Ok(call.unchanged(Some((state, row.try_get("running")?))))
    }

    async fn sweep(&self) -> Result<(), SqlStoreError> {
        let sweep = || sqlx::query(include_str!("sweep.sql")).bind(SWEPT_ROWS);
        self.row(sweep).await.map(drop)
    }
}

dedupe_store!(PostgresStore);

fn is_lock_timeout(error: &SqlStoreError) -> bool {
    matches!(error, SqlStoreError::Database(error) if has_code(error, |code| code == "55P03"))
}

/// The options may hold a password.
impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}
