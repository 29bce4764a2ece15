use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nano_webhook_core::UnixTime;

/// A receiver's clock that a test can set while the server runs.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicU64>);

impl TestClock {
    /// A clock that stands at this time.
    #[must_use]
    pub fn at(time: UnixTime) -> Self {
        Self(Arc::new(AtomicU64::new(time.as_millis())))
    }

    /// Sets it.
    pub fn set(&self, time: UnixTime) {
        self.0.store(time.as_millis(), Ordering::SeqCst);
    }

    /// What it says.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        UnixTime::from_millis(self.0.load(Ordering::SeqCst))
    }
}
