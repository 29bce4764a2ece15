use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_core::dedupe::{Dedupe, DedupeStore};
use nano_webhook_core::{Secret, Verifier};
use nano_webhook_redis::{RedisStore, redis};
use nano_webhook_sqlx::PostgresStore;

use crate::{Evidence, Ledger, Work};

/// What a test tells its receivers, by environment.
pub struct Settings {
    /// Checks the deliveries.
    pub verifier: Verifier,
    /// Claims them.
    pub dedupe: Dedupe,
    /// Handles them.
    pub work: Work,
}

impl Settings {
    /// Reads `NANO_WEBHOOK_SECRET`, `NANO_WEBHOOK_FLEET_STORE` (a URL),
    /// `NANO_WEBHOOK_FLEET_LEASE_MS`, `NANO_WEBHOOK_FLEET_FOLDER` (of the evidence),
    /// and `NANO_WEBHOOK_FLEET_LEDGER` (`together` or `apart`), which replaces the
    /// evidence.
    ///
    /// # Errors
    /// If one is missing or wrong, or the store does not answer.
    pub async fn from_env() -> Result<Self, Box<dyn std::error::Error>> {
        let lease = Duration::from_millis(env::var("NANO_WEBHOOK_FLEET_LEASE_MS")?.parse()?);
        let url = env::var("NANO_WEBHOOK_FLEET_STORE")?;
        let (store, work): (Arc<dyn DedupeStore>, _) = match env::var("NANO_WEBHOOK_FLEET_LEDGER") {
            Ok(completion) => {
                let ledger = Ledger::open(&url, completion == "apart").await?;
                (ledger.store(), Work::Ledger(ledger, lease))
            }
            Err(_) => {
                let evidence = PathBuf::from(env::var("NANO_WEBHOOK_FLEET_FOLDER")?);
                let store: Arc<dyn DedupeStore> = match url.starts_with("redis:") {
                    true => Arc::new(RedisStore::connect(redis::Client::open(url)?).await?),
                    false => Arc::new(PostgresStore::connect(&url).await?),
                };
                (store, Work::Evidence(Evidence::new(evidence)))
            }
        };
        Ok(Self {
            verifier: Verifier::new(Secret::from_env("NANO_WEBHOOK_SECRET")?),
            dedupe: Dedupe::builder(store, "fleet").lease(lease).build()?,
            work,
        })
    }
}
