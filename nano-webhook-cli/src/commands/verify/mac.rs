use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// A key of any bytes. The library's own signer takes only what the provider can have
/// as a secret and signs only what the provider signs; the search tries what others
/// sign by mistake.
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha256>);

impl Key {
    /// `None` never happens: HMAC takes keys of any length.
    pub(super) fn new(key: &[u8]) -> Option<Self> {
        Hmac::new_from_slice(key).ok().map(Self)
    }

    /// HMAC-SHA256 of the parts, one after another.
    pub(super) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// What programs compute that hash without HMAC.
pub(super) fn hashes(secret: &[u8], message: &[u8], body: &[u8]) -> Vec<[u8; 32]> {
    let orders: &[&[&[u8]]] = &[
        &[body],
        &[message],
        &[secret, body],
        &[secret, message],
        &[body, secret],
        &[message, secret],
        &[secret, b".", message],
        &[message, b".", secret],
    ];
    let hash = |parts: &&[&[u8]]| Sha256::digest(parts.concat()).into();
    orders.iter().map(hash).collect()
}
