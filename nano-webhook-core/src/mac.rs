//! The only file that names `hmac` and `sha2`.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
#[cfg(feature = "dedupe")]
use sha2::Digest as _;
use sha2::Sha256;

use crate::secret::Secret;

/// HMAC-SHA256 with its key already absorbed, so that a request does not pay
/// for that again.
#[derive(Clone)]
pub(crate) struct MacKey(Hmac<Sha256>);

impl MacKey {
    #[expect(clippy::expect_used)]
    pub(crate) fn new(secret: &Secret) -> Self {
        let key = secret.expose().as_bytes();
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of every length (RFC 2104)"))
    }

    pub(crate) fn start(&self) -> MacState {
        MacState(self.0.clone())
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(..)")
    }
}

pub(crate) struct MacState(Hmac<Sha256>);

impl MacState {
    #[inline]
    pub(crate) fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// Compares in constant time.
    #[inline]
    pub(crate) fn matches(self, tag: &[u8; 32]) -> bool {
        self.0.verify_slice(tag).is_ok()
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into_bytes().into()
    }
}

/// SHA-256 over fields, each behind its length: no two lists of fields give the
/// same input.
#[cfg(feature = "dedupe")]
pub(crate) fn hash_fields(fields: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in fields {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

#[cfg(feature = "dedupe")]
pub(crate) fn hash(data: &[u8]) -> [u8; 32] {
    Sha256::digest(data).into()
}
