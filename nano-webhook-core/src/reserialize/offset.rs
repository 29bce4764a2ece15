//! Offsets are kept in 32 bits: a small body can have many of them.

use super::ReserializeError;

pub(super) fn offset32(offset: usize) -> Result<u32, ReserializeError> {
    u32::try_from(offset).map_err(|_| ReserializeError::TooLarge)
}

pub(super) fn usize32(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
