use std::sync::Arc;
use std::time::{Duration, Instant};

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, OwnerToken, Ownership, StoreFuture, Terms,
};
use serde::Serialize;

/// The defaults.
const TERMS: Terms = Terms {
    lease: Duration::from_secs(30),
    retention: Duration::from_secs(72 * 3600),
};

/// Claims a delivery and completes it.
pub(crate) trait Handle: Send + Sync {
    fn handle(&self, id: DeliveryId, owner: OwnerToken) -> StoreFuture<'_, ()>;
}

impl<S: DedupeStore> Handle for S {
    fn handle(&self, id: DeliveryId, owner: OwnerToken) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let claim = self.claim(id, BodyDigest::default(), owner, TERMS).await?;
            let new = matches!(claim, Claim::Acquired { attempt: 1, .. });
            assert!(new, "{claim:?}");
            let complete = self.complete(id, owner, TERMS).await?;
            assert!(matches!(complete, Ownership::Held), "{complete:?}");
            Ok(())
        })
    }
}

#[derive(Clone, Serialize)]
pub(crate) struct Load {
    pub(crate) deliveries: usize,
    /// Most by a time limit.
    pub(crate) failed: usize,
    pub(crate) per_second: f64,
    /// Milliseconds of a claim with its completion.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Handles new deliveries, so many at a time, spread over stores that share a server.
pub(crate) async fn run(
    stores: &[Arc<dyn Handle>],
    at_a_time: usize,
    more: impl Fn() -> bool + Send + Sync + 'static,
) -> Load {
    let (more, began) = (Arc::new(more), Instant::now());
    let workers: Vec<_> = (stores.iter().cycle().take(at_a_time).cloned())
        .map(|store| {
            let more = Arc::clone(&more);
            tokio::spawn(async move {
                let (mut took, mut failed) = (Vec::new(), 0);
                while more() {
                    let id = DeliveryId::from_bytes(std::array::from_fn(|_| fastrand::u8(..)));
                    let owner = OwnerToken::random().expect("the system has random numbers");
                    let began = Instant::now();
                    match store.handle(id, owner).await {
                        Ok(()) => took.push(began.elapsed()),
                        Err(_) => failed += 1,
                    }
                }
                (took, failed)
            })
        })
        .collect();
    let (mut took, mut failed) = (Vec::new(), 0);
    for worker in workers {
        let worker = worker.await.expect("every delivery is new");
        took.extend(worker.0);
        failed += worker.1;
    }
    let seconds = began.elapsed().as_secs_f64();
    took.sort_unstable();
    let millis = |percent: usize| {
        let value = took.get(took.len() * percent / 100);
        value.map_or(f64::NAN, |value| 1e3 * value.as_secs_f64())
    };
    Load {
        deliveries: took.len(),
        failed,
        per_second: took.len() as f64 / seconds,
        p50: millis(50),
        p99: millis(99),
    }
}
