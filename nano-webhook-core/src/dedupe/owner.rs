use std::cell::RefCell;
use std::fmt;

use super::StoreError;
use super::id::bytes_and_hex;

/// Names the holder of a lease: 128 random bits, new for each claim.
///
/// The caller makes the token, not the store, so that it can release or repeat a
/// claim whose answer was lost.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnerToken([u8; 16]);

thread_local! {
    /// Drawn ahead, because a call of the system costs more than the rest of a claim.
    static UNUSED: RefCell<Vec<[u8; 16]>> = const { RefCell::new(Vec::new()) };
}

impl OwnerToken {
    /// A new token from the system's random source, which is read once for 64
    /// tokens of a thread. A process that forks after its first token may use
    /// the same tokens as its child.
    ///
    /// # Errors
    /// [`StoreError`] if the random source fails.
    pub fn random() -> Result<Self, StoreError> {
        UNUSED.with_borrow_mut(|unused| {
            loop {
                if let Some(bytes) = unused.pop() {
                    return Ok(Self(bytes));
                }
                let mut bytes = [0; 64 * 16];
                getrandom::fill(&mut bytes).map_err(StoreError::new)?;
                unused.extend_from_slice(bytes.as_chunks().0);
            }
        })
    }
}

bytes_and_hex!(OwnerToken, 16, "32 lower-case hex digits.");
