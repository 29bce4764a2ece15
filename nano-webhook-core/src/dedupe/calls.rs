use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use futures_util::FutureExt as _;

use super::store::{Claim, DedupeStore, Ownership, StoreError, StoreFuture, Terms};
use super::{BodyDigest, DeliveryId, OwnerToken};
use crate::metrics::{self, Stopwatch};

/// The store as this crate calls it: failures are counted, and a panic is one, so that
/// it does not end the handler of the delivery.
#[derive(Clone)]
pub(super) struct Calls(pub(super) Arc<dyn DedupeStore>);

impl Calls {
    pub(super) fn claim(
        &self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> impl Future<Output = Result<Claim, StoreError>> {
        let took = Stopwatch::start();
        let claim = answer("claim", catch(|| self.0.claim(id, body, owner, terms)));
        claim.inspect(|_| metrics::claimed(took))
    }

    pub(super) fn renew(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> impl Future<Output = Result<Ownership, StoreError>> {
        answer("renew", catch(|| self.0.renew(id, owner, terms)))
    }

    pub(super) fn settle(
        &self,
        completed: bool,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> impl Future<Output = Result<Ownership, StoreError>> {
        let (operation, called) = match completed {
            true => ("complete", catch(|| self.0.complete(id, owner, terms))),
            false => ("release", catch(|| self.0.release(id, owner, terms))),
        };
        answer(operation, called)
    }
}

/// Calls at once: a future that kept the arguments would be larger than the answer.
fn catch<T>(call: impl FnOnce() -> T) -> thread::Result<T> {
    catch_unwind(AssertUnwindSafe(call))
}

async fn answer<T>(
    operation: &'static str,
    called: thread::Result<StoreFuture<'_, T>>,
) -> Result<T, StoreError> {
    let answered = match called {
        Ok(call) => AssertUnwindSafe(call).catch_unwind().await,
        Err(panic) => Err(panic),
    };
    let answer = answered.unwrap_or_else(|_| Err(StoreError::new("the store panicked")));
    metrics::answered(operation, answer.is_err());
    answer
}
