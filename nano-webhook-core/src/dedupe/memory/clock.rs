#[cfg(feature = "test-util")]
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A store's time: nanoseconds since its clock began, which last for 584 years.
pub(super) type Clock = Box<dyn Fn() -> u64 + Send>;

pub(super) fn monotonic() -> Clock {
    let start = Instant::now();
    Box::new(move || nanos(start.elapsed()))
}

/// Saturates: a longer duration never ends.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A clock for tests that stands still until it is moved. Clones share their time. See
/// [`MemoryStore::with_clock`](super::MemoryStore::with_clock).
#[cfg(feature = "test-util")]
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<Mutex<Duration>>);

#[cfg(feature = "test-util")]
impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.elapsed().saturating_add(by));
    }

    /// Sets the clock, also back, as the clock of a shared store can be.
    pub fn set(&self, elapsed: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = elapsed;
    }

    /// Time since the clock was made.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
