use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// HMAC-SHA256 in hex, of any message under any key: what the program says is
/// judged by something else than its own library.
pub(crate) fn mac(key: impl AsRef<[u8]>, message: impl AsRef<[u8]>) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_ref()).unwrap();
    mac.update(message.as_ref());
    hex::encode(mac.finalize().into_bytes())
}

/// `v1=` and the MAC of `timestamp.body`.
pub(crate) fn signature(key: impl AsRef<[u8]>, timestamp: &str, body: impl AsRef<[u8]>) -> String {
    let message = [timestamp.as_bytes(), b".", body.as_ref()].concat();
    format!("v1={}", mac(key, message))
}
