//! The calls of a store that both databases share.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DeliveryId, OwnerToken, Ownership, StoreError, Terms,
};
use sqlx::query::Query;
use sqlx::{Database, Encode, Type};

use crate::error::SqlStoreError;
use crate::record::{Call, milliseconds};

/// Upper bound for one call on a database.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// How often a call is repeated that met another one's change.
const ROUNDS: usize = 8;

/// How many expired rows one sweep removes.
pub(crate) const SWEPT_ROWS: i64 = 200;

/// Which claims also sweep: the first, and each hundredth.
const SWEEP_EVERY: u32 = 100;

/// The lease that a call is about, and its caller.
#[derive(Clone, Copy)]
pub(crate) struct Lease {
    pub(crate) id: DeliveryId,
    pub(crate) owner: OwnerToken,
    pub(crate) terms: Terms,
}

/// What differs between the databases.
pub(crate) trait Claims: Send + Sync {
    /// `None`: another claim was committed meanwhile.
    fn claim(
        &self,
        lease: Lease,
        body: BodyDigest,
    ) -> impl Future<Output = Result<Option<Claim>, SqlStoreError>> + Send;

    /// `None`: the record is locked, or was changed meanwhile.
    fn change(
        &self,
        call: Call,
        lease: Lease,
    ) -> impl Future<Output = Result<Option<Ownership>, SqlStoreError>> + Send;

    /// Removes expired rows.
    fn sweep(&self) -> impl Future<Output = Result<(), SqlStoreError>> + Send;
}

pub(crate) struct Store<C> {
    pub(crate) claims: C,
    /// How many claims were made.
    count: AtomicU32,
}

impl<C: Claims> Store<C> {
    pub(crate) fn new(claims: C) -> Self {
        let count = AtomicU32::new(0);
        Self { claims, count }
    }

    pub(crate) async fn claim(&self, lease: Lease, body: BodyDigest) -> Result<Claim, StoreError> {
        let mut claim = None;
        for _ in 0..ROUNDS {
            claim = self.claims.claim(lease, body).await?;
            if claim.is_some() {
                break;
            }
        }
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        if count.is_multiple_of(SWEEP_EVERY)
            && let Err(error) = self.claims.sweep().await
        {
            // The claim has its answer; these rows are swept later.
            tracing::warn!(%error, "expired claims could not be removed");
        }
        Ok(claim.unwrap_or_else(|| contended(lease)))
    }

    pub(crate) async fn change(&self, call: Call, lease: Lease) -> Result<Ownership, StoreError> {
        for _ in 0..ROUNDS {
            if let Some(answer) = self.claims.change(call, lease).await? {
                return Ok(answer);
            }
        }
        Err(SqlStoreError::Contended.into())
    }
}

/// The answer to a claim when the record changes, or is locked.
pub(crate) fn contended(lease: Lease) -> Claim {
    Claim::InProgress {
        remaining: lease.terms.lease.min(Duration::from_secs(1)),
    }
}

/// Bounds a call on a database.
pub(crate) async fn bounded<T, E: Into<SqlStoreError>>(
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, SqlStoreError> {
    match tokio::time::timeout(CALL_TIMEOUT, call).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(SqlStoreError::Timeout {
            after: CALL_TIMEOUT,
        }),
    }
}

/// A statement whose first parameters are the delivery and the owner.
pub(crate) fn key<DB: Database>(
    sql: &'static str,
    id: DeliveryId,
    owner: OwnerToken,
) -> Query<'static, DB, DB::Arguments>
where
    Vec<u8>: for<'q> Encode<'q, DB> + Type<DB>,
{
    sqlx::query(sql)
        .bind(id.as_bytes().to_vec())
        .bind(owner.as_bytes().to_vec())
}

/// And its last ones the terms, in milliseconds.
pub(crate) fn with_terms<DB: Database>(
    statement: Query<'static, DB, DB::Arguments>,
    terms: Terms,
) -> Query<'static, DB, DB::Arguments>
where
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    statement
        .bind(milliseconds(terms.lease))
        .bind(milliseconds(terms.retention))
}

/// A [`Store`] behind a pointer is a `DedupeStore`.
macro_rules! dedupe_store {
    ($store:ident) => {
        dedupe_store!($store, renew Renew, complete Complete, release Release);
    };
    ($store:ident, $($method:ident $call:ident),*) => {
        impl DedupeStore for $store {
            fn claim(
                &self,
                id: DeliveryId,
                body: BodyDigest,
                owner: OwnerToken,
                terms: Terms,
            ) -> StoreFuture<'_, Claim> {
                Box::pin(self.0.claim(Lease { id, owner, terms }, body))
            }

            $(fn $method(
                &self,
                id: DeliveryId,
                owner: OwnerToken,
                terms: Terms,
            ) -> StoreFuture<'_, Ownership> {
                Box::pin(self.0.change(Call::$call, Lease { id, owner, terms }))
            })*
        }
    };
}
pub(crate) use dedupe_store;
