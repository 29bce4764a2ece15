use std::env;
use std::path::PathBuf;
use std::time::Duration;

use nano_webhook_core::dedupe::Dedupe;
use nano_webhook_core::{Secret, Verifier};
use nano_webhook_redis::{RedisStore, redis};

use crate::Evidence;

/// What a test tells its receivers, by environment.
pub struct Settings {
    /// Checks the deliveries.
    pub verifier: Verifier,
    /// Claims them.
    pub dedupe: Dedupe,
    /// Where the evidence goes.
    pub evidence: Evidence,
}

impl Settings {
    /// Reads `NANO_WEBHOOK_SECRET`, `NANO_WEBHOOK_REDIS_URL`, `NANO_WEBHOOK_FLEET_FOLDER`
    /// and `NANO_WEBHOOK_FLEET_LEASE_MS`.
    ///
    /// # Errors
    /// If one is missing or wrong, or the store does not answer.
    pub async fn from_env() -> Result<Self, Box<dyn std::error::Error>> {
        let lease = Duration::from_millis(env::var("NANO_WEBHOOK_FLEET_LEASE_MS")?.parse()?);
        let client = redis::Client::open(env::var("NANO_WEBHOOK_REDIS_URL")?)?;
        let store = RedisStore::connect(client).await?;
        let folder = env::var("NANO_WEBHOOK_FLEET_FOLDER")?;
        Ok(Self {
            verifier: Verifier::new(Secret::from_env("NANO_WEBHOOK_SECRET")?),
            dedupe: Dedupe::builder(store, "fleet").lease(lease).build()?,
            evidence: Evidence::new(PathBuf::from(folder)),
        })
    }
}
