use super::violation::Violation;
use crate::dedupe::{DeliveryId, LeaseToken};

/// Identities and tokens of one trial. They are random, so a store may keep what
/// earlier trials left.
pub(super) struct Names([u8; 16]);

impl Names {
    pub(super) fn new() -> Result<Self, Violation> {
        match LeaseToken::random() {
            Ok(token) => Ok(Self(*token.as_bytes())),
            Err(error) => Err(Violation::failed("set-up", "randomness", &error)),
        }
    }

    pub(super) fn delivery(&self, number: u32) -> DeliveryId {
        let mut bytes = [0; 32];
        for (byte, value) in bytes
            .iter_mut()
            .zip(self.0.iter().chain(&number.to_be_bytes()))
        {
            *byte = *value;
        }
        DeliveryId::from_bytes(bytes)
    }

    pub(super) fn owner(&self, number: u8) -> LeaseToken {
        let mut bytes = self.0;
        if let Some(last) = bytes.last_mut() {
            *last = number;
        }
        LeaseToken::from_bytes(bytes)
    }
}
