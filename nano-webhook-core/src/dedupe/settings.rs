use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Namespace;
use super::in_flight::InFlight;
use super::store::{DedupeStore, Terms};
use crate::error::ConfigError;

/// Handle each delivery once: a store, and how long things last.
///
/// Every [`DedupeStore`] turns into one with the defaults, so adapters take
/// either.
///
/// ```
/// # #[cfg(feature = "memory-store")] {
/// use std::time::Duration;
/// use nano_webhook_core::dedupe::{Dedupe, MemoryStore};
///
/// let dedupe = Dedupe::new(MemoryStore::default())
///     .lease(Duration::from_secs(60))
///     .retention(Duration::from_secs(7 * 24 * 3600));
/// # let _ = dedupe;
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct Dedupe {
    pub(super) store: Arc<dyn DedupeStore>,
    pub(super) namespace: Namespace,
    pub(super) terms: Terms,
    pub(super) renew_for: Duration,
    pub(super) fail_open: bool,
    pub(super) in_flight: InFlight,
}

impl Dedupe {
    /// 30 seconds.
    pub const DEFAULT_LEASE: Duration = Duration::from_secs(30);

    /// 72 hours.
    pub const DEFAULT_RETENTION: Duration = Duration::from_secs(72 * 3600);

    /// 1 hour.
    pub const DEFAULT_RENEW_FOR: Duration = Duration::from_secs(3600);

    /// Replicas' clocks differ.
    const SLACK: Duration = Duration::from_secs(60);

    /// Far beyond any use, and well inside what every store can represent.
    const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

    /// Deduplication in this store, with the defaults.
    pub fn new(store: impl DedupeStore) -> Self {
        Self {
            store: Arc::new(store),
            namespace: Namespace::process(),
            terms: Terms {
                lease: Self::DEFAULT_LEASE,
                retention: Self::DEFAULT_RETENTION,
            },
            renew_for: Self::DEFAULT_RENEW_FOR,
            fail_open: false,
            in_flight: InFlight::default(),
        }
    }

    /// How long a claim lasts unless it is renewed. Default: 30 seconds.
    ///
    /// It is renewed after each third of it while its handler lives. So it need
    /// not cover the longest handler: it is how long a delivery waits after the
    /// process that was handling it has died.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.terms.lease = lease;
        self
    }

    /// How long the lease of one handler is renewed. Default: 1 hour. After that
    /// it runs out, and the next delivery of the same is handled.
    ///
    /// A handler that hangs would otherwise keep its delivery from everybody until
    /// its process ends. [`LeaseHandle::lost`](super::LeaseHandle::lost) resolves
    /// in it, and an error is logged; it is not stopped. Give handlers a time limit
    /// of their own, well below this one: a timeout layer inside of the dedupe
    /// layer, say.
    pub fn renew_for(mut self, longest: Duration) -> Self {
        self.renew_for = longest;
        self
    }

    /// How long a completed delivery is remembered. Default: 72 hours. At least
    /// the verifier's replay window and a minute more, for clocks that differ, or
    /// a replay could be handled twice.
    pub fn retention(mut self, retention: Duration) -> Self {
        self.terms.retention = retention;
        self
    }

    /// Calls the handler although the store cannot be reached. By default the
    /// sender is told to try again (503).
    ///
    /// Choose it only if handling a delivery twice is better than handling it
    /// late, and if the provider's retries are not to be relied on. The handler
    /// then gets no [`LeaseHandle`](super::LeaseHandle): one that asks for it must
    /// do without.
    pub fn fail_open(mut self) -> Self {
        self.fail_open = true;
        self
    }

    /// What is being handled at this moment, to wait for at a shutdown.
    #[must_use]
    pub fn in_flight(&self) -> InFlight {
        self.in_flight.clone()
    }

    /// Checks the settings against
    /// [`Verifier::replay_window`](crate::Verifier::replay_window) of the verifier
    /// in front. Adapters call it when they are built.
    ///
    /// # Errors
    /// [`ConfigError::RetentionTooShort`], [`ConfigError::Zero`] for a lease
    /// below a millisecond, [`ConfigError::TooLarge`] for more than ten years.
    pub fn validate(&self, replay_window: Duration) -> Result<(), ConfigError> {
        let Terms { lease, retention } = self.terms;
        if lease < Duration::from_millis(1) {
            return Err(ConfigError::Zero { setting: "lease" });
        }
        for (setting, duration) in [("lease", lease), ("retention", retention)] {
            if duration > Self::LONGEST {
                return Err(ConfigError::TooLarge { setting });
            }
        }
        let window = replay_window.saturating_add(Self::SLACK);
        if retention < window {
            return Err(ConfigError::RetentionTooShort { retention, window });
        }
        Ok(())
    }
}

impl<S: DedupeStore> From<S> for Dedupe {
    fn from(store: S) -> Self {
        Self::new(store)
    }
}

impl fmt::Debug for Dedupe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dedupe")
            .field("namespace", &self.namespace)
            .field("terms", &self.terms)
            .field("fail_open", &self.fail_open)
            .finish_non_exhaustive()
    }
}
