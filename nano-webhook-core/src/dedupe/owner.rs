use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::StoreError;
use super::id::bytes_and_hex;
use crate::timestamp::UnixTime;

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
        static PROCESS: OnceLock<(u64, u64)> = OnceLock::new();
        static COUNT: AtomicU64 = AtomicU64::new(0);

        let (first, second) = match PROCESS.get() {
            Some(bits) => *bits,
            None => {
                let random = || getrandom::u64().map_err(StoreError::new);
                let bits = (random()?, random()?);
                *PROCESS.get_or_init(|| bits)
            }
        };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let high = u128::from(first ^ UnixTime::now().as_millis());
        let token = (high << 64) | u128::from(second ^ count);
        Ok(Self(token.to_be_bytes()))
    }
}

bytes_and_hex!(OwnerToken, 16, "32 lower-case hex digits.");
