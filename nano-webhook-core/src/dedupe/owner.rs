use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::StoreError;
use super::id::bytes_and_hex;

/// Names the holder of a lease; no two claims have the same.
///
/// The caller makes the token, not the store, so that it can release or repeat a
/// claim whose answer was lost. It is unique, and not a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnerToken([u8; 16]);

impl OwnerToken {
    /// A new token: 128 random bits of this process, changed by a counter and the
    /// time for each token. A call of the system's random source for each would
    /// double what a claim costs; with the time, clones of a virtual machine differ
    /// too.
    ///
    /// # Errors
    /// [`StoreError`] if the system's random source fails.
    pub fn random() -> Result<Self, StoreError> {
        Self::next(Instant::now())
    }

    pub(super) fn next(now: Instant) -> Result<Self, StoreError> {
        static PROCESS: OnceLock<(Instant, u128)> = OnceLock::new();
        static COUNT: AtomicU64 = AtomicU64::new(0);

        let (start, bits) = match PROCESS.get() {
            Some(process) => *process,
            None => {
                let mut bytes = [0; 16];
                getrandom::fill(&mut bytes).map_err(StoreError::new)?;
                *PROCESS.get_or_init(|| (now, u128::from_be_bytes(bytes)))
            }
        };
        let count = u128::from(COUNT.fetch_add(1, Ordering::Relaxed));
        let token = bits ^ count ^ (now.saturating_duration_since(start).as_nanos() << 64);
        Ok(Self(token.to_be_bytes()))
    }
}

bytes_and_hex!(OwnerToken, 16, "32 lower-case hex digits.");
