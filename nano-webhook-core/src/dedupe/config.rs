use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::calls::Calls;
use super::in_flight::InFlight;
use super::store::{Claim, DedupeStore, Ownership, StoreError, Terms};
use super::{BodyDigest, DeliveryId, MemoryStore, OwnerToken};
use crate::delivery::Delivery;
use crate::error::ConfigError;
use crate::verifier::Verifier;

/// Handles each delivery once: a store, a namespace, and how long claims and
/// completions last.
///
/// A clone shares the store and the count of deliveries in flight, so make one
/// and give a clone to each worker.
///
/// ```
/// use std::time::Duration;
/// use nano_webhook_core::dedupe::{Dedupe, MemoryStore};
///
/// let dedupe = Dedupe::builder(MemoryStore::default(), "acme/production/images")
///     .lease(Duration::from_secs(60))
///     .retention(Duration::from_secs(7 * 24 * 3600))
///     .build()?;
/// # let _ = dedupe;
/// # Ok::<(), nano_webhook_core::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dedupe(pub(super) Arc<Settings>);

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) store: Calls,
    pub(super) namespace: String,
    pub(super) terms: Terms,
    pub(super) renew_for: Duration,
    pub(super) fail_open: bool,
    pub(super) park: bool,
    pub(super) handle_differing: bool,
    pub(super) in_flight: InFlight,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("namespace", &self.namespace)
            .field("terms", &self.terms)
            .field("in_flight", &self.in_flight.count())
            .finish_non_exhaustive()
    }
}

impl Dedupe {
    /// Deduplication inside one process, in a [`MemoryStore`] of the default
    /// capacity and with the default settings.
    ///
    /// **A restart forgets**: a delivery that was handled before it, or replayed
    /// within the tolerance, is then handled again. Use a store that outlives the
    /// process where that matters; this is logged once, as a reminder.
    #[must_use]
    pub fn in_memory() -> Self {
        tracing::info!(
            "deliveries are deduplicated in memory; a restart forgets which were handled"
        );
        let settings = DedupeBuilder::new(MemoryStore::default(), String::from("process")).0;
        Self(Arc::new(settings))
    }

    /// Deduplication in this store.
    ///
    /// The namespace is the scope in which a delivery is handled once: account,
    /// environment and endpoint, such as `acme/production/images`. Services that
    /// share a store and a namespace take each other's deliveries for duplicates;
    /// the replicas of one service must do that.
    pub fn builder(store: impl DedupeStore, namespace: impl Into<String>) -> DedupeBuilder {
        DedupeBuilder::new(store, namespace.into())
    }

    /// How many deliveries are between their claim and its end.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.0.in_flight.count()
    }

    /// Waits until no delivery is in flight, for a graceful shutdown. Stop
    /// accepting requests first, and set a deadline: what is cut off then is
    /// handled again after its lease.
    ///
    /// A handler behind a claim runs to its end even if its client disconnects,
    /// so a server that has closed its last connection may still run handlers.
    ///
    /// ```no_run
    /// # async fn shut_down(dedupe: nano_webhook_core::dedupe::Dedupe) {
    /// use std::time::Duration;
    ///
    /// if tokio::time::timeout(Duration::from_secs(20), dedupe.drained()).await.is_err() {
    ///     eprintln!("cut off {} handlers", dedupe.in_flight());
    /// }
    /// # }
    /// ```
    pub async fn drained(&self) {
        self.0.in_flight.drained().await;
    }

    /// The identity under which this delivery is claimed.
    #[must_use]
    pub fn delivery_id(&self, delivery: &Delivery) -> DeliveryId {
        DeliveryId::new(&self.0.namespace, delivery)
    }

    /// Lets the next delivery of a parked identity be handled; see
    /// [`DedupeBuilder::park`]. `false` if it is not parked.
    ///
    /// # Errors
    /// [`StoreError`] if the store does not answer.
    pub async fn release_parked(&self, id: DeliveryId) -> Result<bool, StoreError> {
        let Settings { store, terms, .. } = &*self.0;
        let owner = OwnerToken::random()?;
        let claim = store.claim(id, BodyDigest::default(), owner, *terms);
        match claim.await? {
            Claim::Acquired { taken_over, .. } => {
                let released = store.settle(false, id, owner, *terms).await?;
                Ok(taken_over && released == Ownership::Held)
            }
            Claim::InProgress { .. } | Claim::Completed { .. } => Ok(false),
        }
    }

    /// For adapters: this deduplication with a retention that covers the replay
    /// window of the verifier in front, and a minute for clocks that differ.
    #[must_use]
    pub fn covering(mut self, verifier: &Verifier) -> Self {
        let least = (verifier.replay_window()).saturating_add(Duration::from_secs(60));
        if self.0.terms.retention < least {
            tracing::info!(
                retention = ?least,
                "completed deliveries are remembered for as long as a signed delivery can be accepted"
            );
            Arc::make_mut(&mut self.0).terms.retention = least;
        }
        self
    }
}

/// The settings of a [`Dedupe`].
#[derive(Debug)]
#[must_use]
pub struct DedupeBuilder(Settings);

impl DedupeBuilder {
    /// A lease must outlast a slow answer of its store.
    const SHORTEST_LEASE: Duration = Duration::from_millis(100);

    /// Ten years: inside what every store can represent.
    const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

    fn new(store: impl DedupeStore, namespace: String) -> Self {
        Self(Settings {
            store: Calls(Arc::new(store)),
            namespace,
            terms: Terms {
                lease: Duration::from_secs(30),
                retention: Duration::from_secs(72 * 3600),
            },
            renew_for: Duration::from_secs(3600),
            fail_open: false,
            park: false,
            handle_differing: false,
            in_flight: InFlight::default(),
        })
    }

    /// How long a claim lasts unless it is renewed. Default: 30 seconds. At least
    /// 100 ms.
    ///
    /// It is renewed after each third of it while its handler lives, so it need
    /// not cover the longest handler: it is how long a delivery waits after the
    /// process that was handling it has died. Make it longer than an outage of
    /// the store that you want to survive without handling a delivery twice.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.0.terms.lease = lease;
        self
    }

    /// How long the lease of one handler is renewed. Default: 1 hour. After that
    /// it runs out, and the next delivery of the same identity is handled.
    ///
    /// Otherwise a handler that hangs would keep its delivery until its process
    /// ends. [`LeaseHandle::cancelled`](super::LeaseHandle::cancelled) resolves in
    /// it, and an error is logged; the handler goes on. Give handlers a time limit
    /// of their own, such as a timeout layer inside this one.
    pub fn renew_for(mut self, longest: Duration) -> Self {
        self.0.renew_for = longest;
        self
    }

    /// How long a completed delivery is remembered. Default: 72 hours. It is
    /// raised to the verifier's replay window and a minute where it is shorter.
    pub fn retention(mut self, retention: Duration) -> Self {
        self.0.terms.retention = retention;
        self
    }

    /// Calls the handler without a claim when the store cannot be reached. By
    /// default the sender is told to try again (503).
    ///
    /// Choose it only if handling a delivery twice is better than handling it
    /// late. The handler then gets no [`LeaseHandle`](super::LeaseHandle).
    pub fn fail_open(mut self) -> Self {
        self.0.fail_open = true;
        self
    }

    /// Parks a delivery whose earlier attempt ended without an outcome, because
    /// its process died, say, or the store answered neither the claim nor its
    /// release for a whole lease. By default it is handled again.
    ///
    /// A parked delivery is answered 503 and logged as an error with its
    /// `delivery_id`, until [`Dedupe::release_parked`] is called with it. Choose it
    /// where an operator must look before an effect may happen a second time.
    pub fn park(mut self) -> Self {
        self.0.park = true;
        self
    }

    /// Also handles a duplicate whose signed body differs from the one that was
    /// handled: a corrected URL, say. By default it is answered 200 like every
    /// duplicate, and a warning names the digests of both bodies.
    pub fn handle_differing(mut self) -> Self {
        self.0.handle_differing = true;
        self
    }

    /// Builds the deduplication.
    ///
    /// # Errors
    /// [`ConfigError::EmptyNamespace`], [`ConfigError::TooShort`] for a lease below
    /// 100 ms, [`ConfigError::TooLarge`] for more than ten years.
    pub fn build(self) -> Result<Dedupe, ConfigError> {
        let Terms { lease, retention } = self.0.terms;
        if self.0.namespace.is_empty() {
            return Err(ConfigError::EmptyNamespace);
        }
        if lease < Self::SHORTEST_LEASE {
            return Err(ConfigError::TooShort {
                setting: "lease",
                least: Self::SHORTEST_LEASE,
            });
        }
        for (setting, duration) in [("lease", lease), ("retention", retention)] {
            if duration > Self::LONGEST {
                return Err(ConfigError::TooLarge(setting));
            }
        }
        Ok(Dedupe(Arc::new(self.0)))
    }
}
