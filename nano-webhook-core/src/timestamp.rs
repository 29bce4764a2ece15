use std::fmt;
use std::time::Duration;

use crate::error::Failure;

/// From this value on a timestamp is read as milliseconds. As seconds it would
/// be the year 5138, as milliseconds it is March 1973.
const FIRST_MILLISECOND_VALUE: u64 = 100_000_000_000;

/// A point in time: milliseconds since the Unix epoch.
///
/// The verifier takes the time as an argument, so a test chooses it.
/// [`UnixTime::now`] is the one function of this crate that asks the system.
///
/// Its text is in seconds:
///
/// ```
/// use nano_webhook_core::UnixTime;
///
/// assert_eq!(UnixTime::from_secs(1_734_948_000).to_string(), "1734948000");
/// assert_eq!(UnixTime::from_millis(1_734_948_000_050).to_string(), "1734948000.050");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// A time from milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// A time from seconds since the Unix epoch. A value that does not fit in
    /// 64 bits of milliseconds becomes the last representable time.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// The system's time. A clock before 1970 reads as 1970, and every delivery
    /// is then rejected as out of tolerance.
    ///
    /// # Panics
    /// Where the system has no clock (`wasm32-unknown-unknown`): pass the host's
    /// time to [`Verifier::verify`](crate::Verifier::verify) instead.
    #[must_use]
    pub fn now() -> Self {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Self(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }

    /// This time moved by `duration` into the future, at most to the last
    /// representable time.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// This time moved by `duration` into the past, at most to the epoch.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    /// How long before `later` this time is; zero if it is not before.
    #[must_use]
    pub const fn until(self, later: Self) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0))
    }

    /// Reads the value of `X-Nano-Timestamp`: 1 to 20 ASCII digits, Unix
    /// seconds, or Unix milliseconds from 100 000 000 000 on. The error
    /// says what is wrong with it.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("it is empty");
        }
        if text.len() > 20 {
            return Err("it has more than 20 characters");
        }
        let mut value: u64 = 0;
        for byte in text {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return Err("it has a character that is not an ASCII digit");
            }
            value = value
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(u64::from(digit)))
                .ok_or("it is larger than 64 bits")?;
        }
        Ok(if value < FIRST_MILLISECOND_VALUE {
            Self::from_secs(value)
        } else {
            Self(value)
        })
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 1000 {
            0 => write!(f, "{}", self.as_secs()),
            fraction => write!(f, "{}.{fraction:03}", self.as_secs()),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How far `X-Nano-Timestamp` may be from the receiver's clock, in milliseconds.
/// Both bounds are inclusive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tolerance {
    past: u64,
    future: u64,
}

impl Tolerance {
    pub(crate) fn new(either_way: Duration) -> Self {
        let past = millis(either_way);
        Self { past, future: past }
    }

    pub(crate) fn with_future(mut self, future: Duration) -> Self {
        self.future = millis(future);
        self
    }

    pub(crate) const fn window(self) -> Duration {
        Duration::from_millis(self.past.saturating_add(self.future))
    }

    pub(crate) fn check(self, signed_at: UnixTime, now: UnixTime) -> Result<(), Failure> {
        let age = now.0.saturating_sub(signed_at.0);
        let lead = signed_at.0.saturating_sub(now.0);
        if age > self.past {
            Err(Failure::Stale {
                age: Duration::from_millis(age),
                tolerance: Duration::from_millis(self.past),
            })
        } else if lead > self.future {
            Err(Failure::Ahead {
                lead: Duration::from_millis(lead),
                tolerance: Duration::from_millis(self.future),
            })
        } else {
            Ok(())
        }
    }
}
