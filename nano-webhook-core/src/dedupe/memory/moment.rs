use std::time::Duration;

/// A point in a store's time: nanoseconds since its clock began. A `u64` lasts
/// for 584 years and is half of an `Instant`, of which a record holds three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u64);

impl Moment {
    pub(super) fn since_start(elapsed: Duration) -> Self {
        Self(nanos(elapsed))
    }

    /// Saturates: a duration beyond the end of time never ends.
    pub(super) fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }

    /// How long it is from `now` until then.
    pub(super) fn remaining(self, now: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(now.0))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
