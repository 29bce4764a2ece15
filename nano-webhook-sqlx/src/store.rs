//! The calls of a store that both databases share.

use std::time::Duration;

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DeliveryId, OwnerToken, Ownership, StoreError, Terms,
};
use sqlx::query::Query;
use sqlx::{Database, Encode, Type};

use crate::error::SqlStoreError;
use crate::record::{Call, Own, Sweeps, milliseconds};

/// How often a call is repeated that met another one's change.
const ROUNDS: usize = 8;

/// How many expired rows one sweep removes.
pub(crate) const SWEPT_ROWS: i64 = 200;

/// What differs between the databases.
pub(crate) trait Claims: Send + Sync {
    /// `None`: another claim was committed meanwhile.
    fn claim(
        &self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> impl Future<Output = Result<Option<Claim>, SqlStoreError>> + Send;

    /// The record after the call, if it names the owner.
    fn change(
        &self,
        call: Call,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> impl Future<Output = Result<Option<Own>, SqlStoreError>> + Send;

    /// Removes expired rows.
    fn sweep(&self) -> impl Future<Output = Result<(), SqlStoreError>> + Send;

    fn sweeps(&self) -> &Sweeps;
}

pub(crate) async fn claim(
    claims: &impl Claims,
    id: DeliveryId,
    body: BodyDigest,
    owner: OwnerToken,
    terms: Terms,
) -> Result<Claim, StoreError> {
    let mut claim = None;
    for _ in 0..ROUNDS {
        claim = claims.claim(id, body, owner, terms).await?;
        if claim.is_some() {
            break;
        }
    }
    if claims.sweeps().due()
        && let Err(error) = claims.sweep().await
    {
        // The claim has its answer; these rows are swept later.
        tracing::warn!(%error, "expired claims could not be removed");
    }
    Ok(claim.unwrap_or_else(|| contended(terms)))
}

/// The answer to a claim when the record changes, or is locked.
pub(crate) fn contended(terms: Terms) -> Claim {
    Claim::InProgress {
        remaining: terms.lease.min(Duration::from_secs(1)),
    }
}

pub(crate) async fn change(
    claims: &impl Claims,
    call: Call,
    id: DeliveryId,
    owner: OwnerToken,
    terms: Terms,
) -> Result<Ownership, StoreError> {
    for _ in 0..ROUNDS {
        let own = claims.change(call, id, owner, terms).await?;
        if let Some(answer) = call.answer(own) {
            return Ok(answer);
        }
    }
    Err(SqlStoreError::Contended.into())
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

/// A [`Claims`] behind a pointer is a `DedupeStore`.
macro_rules! dedupe_store {
    ($store:ident) => {
        impl DedupeStore for $store {
            fn claim(
                &self,
                id: DeliveryId,
                body: BodyDigest,
                owner: OwnerToken,
                terms: Terms,
            ) -> StoreFuture<'_, Claim> {
                Box::pin(store::claim(&*self.0, id, body, owner, terms))
            }

            fn renew(
                &self,
                id: DeliveryId,
                owner: OwnerToken,
                terms: Terms,
            ) -> StoreFuture<'_, Ownership> {
                Box::pin(store::change(&*self.0, Call::Renew, id, owner, terms))
            }

            fn complete(
                &self,
                id: DeliveryId,
                owner: OwnerToken,
                terms: Terms,
            ) -> StoreFuture<'_, Ownership> {
                Box::pin(store::change(&*self.0, Call::Complete, id, owner, terms))
            }

            fn release(
                &self,
                id: DeliveryId,
                owner: OwnerToken,
                terms: Terms,
            ) -> StoreFuture<'_, Ownership> {
                Box::pin(store::change(&*self.0, Call::Release, id, owner, terms))
            }
        }
    };
}
pub(crate) use dedupe_store;
