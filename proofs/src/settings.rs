use std::env;
use std::path::PathBuf;
use std::time::Duration;

use nano_webhook_core::dedupe::{Dedupe, Namespace};
use nano_webhook_core::{Secret, Verifier};
use nano_webhook_redis::RedisStore;

use crate::Evidence;

/// What a proof tells its receivers, by environment.
pub struct Settings {
    /// Checks the deliveries.
    pub verifier: Verifier,
    /// Claims them.
    pub dedupe: Dedupe,
    /// Where the evidence goes.
    pub evidence: Evidence,
}

impl Settings {
    /// Reads `PROOF_SECRET`, `PROOF_REDIS_URL`, `PROOF_FOLDER` and
    /// `PROOF_LEASE_MS`.
    ///
    /// # Errors
    /// When one is missing or wrong, or the store cannot be set up.
    pub async fn from_env() -> Result<Self, Box<dyn std::error::Error>> {
        let lease = Duration::from_millis(env::var("PROOF_LEASE_MS")?.parse()?);
        let store = RedisStore::builder(Namespace::new("proofs")?)
            .connect(&env::var("PROOF_REDIS_URL")?)
            .await?;
        Ok(Self {
            verifier: Verifier::new(Secret::from_env("PROOF_SECRET")?),
            dedupe: Dedupe::new(store).lease(lease),
            evidence: Evidence::new(PathBuf::from(env::var("PROOF_FOLDER")?)),
        })
    }
}
