use std::time::Duration;

/// How often and how soon the simulator retries a delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pub(crate) max_attempts: u32,
    pub(crate) base: Duration,
    pub(crate) max: Duration,
}

impl Backoff {
    /// The wait after this attempt (the first one is 1), or `None` if it was the
    /// last one. `random` is between 0 and 1.
    pub(crate) fn delay(
        &self,
        attempt: u32,
        asked: Option<Duration>,
        random: f64,
    ) -> Option<Duration> {
        if attempt >= self.max_attempts {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(31);
        let delay = self.base.saturating_mul(1 << doublings).min(self.max);
        let seconds = delay.as_secs_f64() * (0.5 + random.clamp(0.0, 1.0) / 2.0);
        let delay = Duration::try_from_secs_f64(seconds).unwrap_or(delay);
        Some(delay.max(asked.unwrap_or_default().min(self.max)))
    }
}

#[cfg(test)]
#[test]
fn delays() {
    let (max_attempts, base, max) = (100, Duration::from_secs(1), Duration::from_secs(30));
    let backoff = Backoff {
        max_attempts,
        base,
        max,
    };
    for (attempt, asked, random, expected) in [
        (1, None, 0.0, Some(500)),
        (1, None, 1.0, Some(1000)),
        (2, None, 1.0, Some(2000)),
        (5, None, 1.0, Some(16_000)),
        (6, None, 1.0, Some(30_000)),
        (99, None, 1.0, Some(30_000)),
        (100, None, 1.0, None),
        (1, Some(0), 1.0, Some(1000)),
        (1, Some(7), 1.0, Some(7000)),
        (1, Some(3600), 1.0, Some(30_000)),
        (6, Some(7), 0.0, Some(15_000)),
    ] {
        let delay = backoff.delay(attempt, asked.map(Duration::from_secs), random);
        let delay = delay.map(|delay| delay.as_millis());
        assert_eq!(delay, expected, "{attempt} {asked:?}");
    }
}
