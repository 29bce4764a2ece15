use std::time::Instant;

use super::moment::Moment;

/// What tells a store how much time has passed.
pub(super) enum Clock {
    Monotonic(Instant),
    #[cfg(feature = "test-util")]
    Manual(manual::ManualClock),
}

impl Clock {
    pub(super) fn monotonic() -> Self {
        Self::Monotonic(Instant::now())
    }

    #[cfg(feature = "test-util")]
    pub(super) fn manual(clock: &manual::ManualClock) -> Self {
        Self::Manual(clock.clone())
    }

    pub(super) fn now(&self) -> Moment {
        Moment::since_start(match self {
            Self::Monotonic(start) => start.elapsed(),
            #[cfg(feature = "test-util")]
            Self::Manual(clock) => clock.elapsed(),
        })
    }
}

#[cfg(feature = "test-util")]
pub use manual::ManualClock;

#[cfg(feature = "test-util")]
mod manual {
    use std::sync::{Arc, Mutex, PoisonError};
    use std::time::Duration;

    /// A clock that a test moves. Clones are the same clock.
    ///
    /// ```
    /// use std::time::Duration;
    /// use nano_webhook_core::dedupe::{ManualClock, MemoryStore};
    ///
    /// let clock = ManualClock::default();
    /// let store = MemoryStore::with_clock(100, &clock)?;
    /// clock.advance(Duration::from_secs(72 * 3600));
    /// # let _ = store;
    /// # Ok::<(), nano_webhook_core::ConfigError>(())
    /// ```
    #[derive(Clone, Debug, Default)]
    pub struct ManualClock(Arc<Mutex<Duration>>);

    impl ManualClock {
        /// Lets time pass.
        pub fn advance(&self, by: Duration) {
            let mut elapsed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *elapsed = elapsed.saturating_add(by);
        }

        /// How much time has passed since it was made.
        #[must_use]
        pub fn elapsed(&self) -> Duration {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}
