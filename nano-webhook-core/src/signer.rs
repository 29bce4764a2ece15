use std::fmt;

use crate::header_field::HeaderField;
use crate::mac::MacKey;
use crate::secret::Secret;
use crate::timestamp::UnixTime;

/// Signs deliveries as the provider does, for senders and for tests.
///
/// The message is the timestamp as text, a dot, and the body; the signature is
/// `v1=` and the HMAC-SHA256 of it in lower-case hex, as the provider's page
/// documents.
#[derive(Clone, Debug)]
pub struct Signer(MacKey);

impl Signer {
    /// A signer with this secret.
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self(MacKey::new(&secret))
    }

    /// Signs a body at a time, which is written as Unix seconds.
    #[must_use]
    pub fn sign(&self, signed_at: UnixTime, body: &[u8]) -> SignedHeaders {
        self.sign_with_timestamp(&signed_at.as_secs().to_string(), body)
    }

    /// Signs a body with any text in the place of the timestamp: milliseconds,
    /// leading zeros, or, in a test, nonsense.
    #[must_use]
    pub fn sign_with_timestamp(&self, timestamp: &str, body: &[u8]) -> SignedHeaders {
        let mut mac = self.0.start();
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        SignedHeaders {
            timestamp: timestamp.to_owned(),
            signature: signature_text(&mac.finish()),
        }
    }
}

fn signature_text(tag: &[u8; 32]) -> String {
    let mut digits = [0; 64];
    // The buffer has the size that the tag needs, so this cannot fail.
    let _ = hex::encode_to_slice(tag, &mut digits);
    let mut text = String::with_capacity(67);
    text.push_str("v1=");
    text.extend(digits.iter().map(|digit| char::from(*digit)));
    text
}

/// The two headers of a signed delivery. `Debug` does not print the signature,
/// because within the tolerance window it is as good as the delivery itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedHeaders {
    timestamp: String,
    signature: String,
}

impl SignedHeaders {
    /// The value of `X-Nano-Timestamp`.
    #[must_use]
    pub fn timestamp(&self) -> &str {
        &self.timestamp
    }

    /// The value of `X-Nano-Signature`.
    #[must_use]
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// Both as pairs of a lower-case name and a value.
    #[must_use]
    pub fn to_pairs(&self) -> [(&'static str, &str); 2] {
        [
            (HeaderField::Timestamp.name(), self.timestamp()),
            (HeaderField::Signature.name(), self.signature()),
        ]
    }
}

impl fmt::Debug for SignedHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedHeaders")
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}
