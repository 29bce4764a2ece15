//! Measures claims a second on a database of your own:
//!
//! ```console
//! $ cargo run --release -p nano-webhook-sqlx --features sqlite --example claims sqlite:claims.db
//! ```
//!
//! It leaves its rows in `nano_webhook_claims`; they expire within a minute.
#![allow(clippy::print_stdout, clippy::indexing_slicing)]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nano_webhook_core::dedupe::{
    BodyDigest, DedupeStore, DeliveryId, OwnerToken, StoreError, Terms,
};
use tokio::task::JoinSet;

const CLAIMS: u64 = 4_000;
const TERMS: Terms = Terms {
    lease: Duration::from_secs(30),
    retention: Duration::from_secs(30),
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("which database?")?;
    let store: Arc<dyn DedupeStore> = match url.starts_with("sqlite:") {
        #[cfg(feature = "sqlite")]
        true => Arc::new(nano_webhook_sqlx::SqliteStore::connect(&url).await?),
        #[cfg(feature = "postgres")]
        false => Arc::new(nano_webhook_sqlx::PostgresStore::connect(&url).await?),
        #[allow(unreachable_patterns)]
        _ => return Err("this database's feature is not enabled".into()),
    };
    println!("at a time | claim + complete /s | p50 | p99 | duplicate /s");
    for at_once in [1, 8, 64] {
        let run = *OwnerToken::random()?.as_bytes();
        let (fresh, mut times) = measure(&store, at_once, run, handle).await?;
        let (repeat, _) = measure(&store, at_once, run, claim).await?;
        times.sort();
        let (p50, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        println!("{at_once:>9} | {fresh:>19.0} | {p50:.2?} | {p99:.2?} | {repeat:.0}");
    }
    Ok(())
}

async fn claim(store: Arc<dyn DedupeStore>, id: DeliveryId) -> Result<OwnerToken, StoreError> {
    let owner = OwnerToken::random()?;
    store
        .claim(id, BodyDigest::from_bytes([0; 16]), owner, TERMS)
        .await?;
    Ok(owner)
}

async fn handle(store: Arc<dyn DedupeStore>, id: DeliveryId) -> Result<OwnerToken, StoreError> {
    let owner = claim(Arc::clone(&store), id).await?;
    let _ = store.complete(id, owner, TERMS).await?;
    Ok(owner)
}

/// The rate, and the time of each.
async fn measure<F: Future<Output = Result<OwnerToken, StoreError>> + Send>(
    store: &Arc<dyn DedupeStore>,
    at_once: u64,
    run: [u8; 16],
    call: impl Fn(Arc<dyn DedupeStore>, DeliveryId) -> F + Copy + Send + 'static,
) -> Result<(f64, Vec<Duration>), Box<dyn Error>> {
    let mut workers = JoinSet::new();
    let began = Instant::now();
    for worker in 0..at_once {
        let store = Arc::clone(store);
        workers.spawn(async move {
            let mut times = Vec::new();
            for number in (worker..CLAIMS).step_by(at_once.try_into().unwrap_or(1)) {
                let mut id = [0; 32];
                id[..16].copy_from_slice(&run);
                id[24..].copy_from_slice(&number.to_be_bytes());
                let asked = Instant::now();
                call(Arc::clone(&store), DeliveryId::from_bytes(id)).await?;
                times.push(asked.elapsed());
            }
            Ok::<_, StoreError>(times)
        });
    }
    let mut times = Vec::new();
    while let Some(worker) = workers.join_next().await {
        times.extend(worker??);
    }
    #[expect(clippy::cast_precision_loss)]
    let rate = CLAIMS as f64 / began.elapsed().as_secs_f64();
    Ok((rate, times))
}
