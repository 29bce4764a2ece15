use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, LeaseHandle, OwnerToken, Ownership, StoreError,
    StoreFuture, Terms,
};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Postgres, Row as _, Transaction};

use super::connections::{Connections, Statement};
use crate::error::{SqlStoreError, parse};
use crate::record::{Call, Own, ROUNDS, SWEPT_ROWS, Sweeps, acquired, milliseconds, refused};
use crate::transaction::TransactionError;

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
pub struct PostgresStore(Arc<Inner>);

struct Inner {
    connections: Connections,
    sweeps: Sweeps,
}

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
        Ok(Self(Arc::new(Inner {
            connections,
            sweeps: Sweeps::default(),
        })))
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
        let completed = sqlx::query(super::COMPLETE_IN)
            .bind(lease.delivery_id().as_bytes().as_slice())
            .bind(lease.owner().as_bytes().as_slice())
            .execute(&mut **transaction)
            .await?;
        match completed.rows_affected() {
            0 => Err(TransactionError::lease_lost()),
            _ => Ok(()),
        }
    }
}

impl PostgresStore {
    async fn try_claim(
        &self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> Result<Claim, SqlStoreError> {
        let claim = || {
            key(include_str!("claim.sql"), &id, &owner)
                .bind(body.as_bytes().to_vec())
                .bind(milliseconds(terms.lease))
                .bind(milliseconds(terms.retention))
        };
        for _ in 0..ROUNDS {
            let row = match self.0.connections.row(claim).await {
                Ok(row) => row,
                // The lease has run out, and the transaction that completes the
                // delivery is open.
                Err(error) if is_lock_timeout(&error) => break,
                Err(error) => return Err(error),
            };
            let Some(row) = row else { continue };
            return match row.try_get("attempt")? {
                Some(attempt) => acquired(attempt, row.try_get("taken_over")?),
                None => refused(
                    row.try_get::<i16, _>("state")?.into(),
                    row.try_get("body_digest")?,
                    row.try_get("remaining")?,
                ),
            };
        }
        Ok(Claim::InProgress {
            remaining: terms.lease.min(Duration::from_secs(1)),
        })
    }

    async fn change(
        &self,
        call: Call,
        statement: impl Fn() -> Statement,
    ) -> Result<Ownership, SqlStoreError> {
        for _ in 0..ROUNDS {
            let own = match self.0.connections.row(&statement).await? {
                None => None,
                Some(row) => Some(Own {
                    changed: row.try_get("changed")?,
                    state: row.try_get::<i16, _>("state")?.into(),
                    running: row.try_get("running")?,
                }),
            };
            if let Some(answer) = call.answer(own) {
                return Ok(answer);
            }
        }
        Err(SqlStoreError::Contended)
    }

    /// The claim has its answer; rows that are not swept now are swept later.
    async fn sweep(&self) {
        let sweep = || sqlx::query(include_str!("sweep.sql")).bind(SWEPT_ROWS);
        if let Err(error) = self.0.connections.row(sweep).await {
            tracing::warn!(%error, "expired claims could not be removed");
        }
    }
}

impl DedupeStore for PostgresStore {
    fn claim(
        &self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Claim> {
        Box::pin(async move {
            let claim = self.try_claim(id, body, owner, terms).await;
            if claim.is_ok() && self.0.sweeps.due() {
                self.sweep().await;
            }
            claim.map_err(StoreError::new)
        })
    }

    fn renew(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> StoreFuture<'_, Ownership> {
        Box::pin(async move {
            let renew = || {
                key(include_str!("renew.sql"), &id, &owner)
                    .bind(milliseconds(terms.lease))
                    .bind(milliseconds(terms.retention))
            };
            self.change(Call::Renew, renew)
                .await
                .map_err(StoreError::new)
        })
    }

    fn complete(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership> {
        Box::pin(async move {
            let complete = || {
                key(include_str!("complete.sql"), &id, &owner).bind(milliseconds(terms.retention))
            };
            self.change(Call::Complete, complete)
                .await
                .map_err(StoreError::new)
        })
    }

    fn release(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership> {
        Box::pin(async move {
            let release = || {
                key(include_str!("release.sql"), &id, &owner).bind(milliseconds(terms.retention))
            };
            self.change(Call::Release, release)
                .await
                .map_err(StoreError::new)
        })
    }
}

/// A statement whose first parameters are the delivery and the owner.
fn key(sql: &'static str, id: &DeliveryId, owner: &OwnerToken) -> Statement {
    sqlx::query(sql)
        .bind(id.as_bytes().to_vec())
        .bind(owner.as_bytes().to_vec())
}

fn is_lock_timeout(error: &SqlStoreError) -> bool {
    matches!(error, SqlStoreError::Database(sqlx::Error::Database(error))
        if error.code().as_deref() == Some("55P03"))
}

/// The options may hold a password.
impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}
