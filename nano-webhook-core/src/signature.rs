use std::fmt;

use bytes::Bytes;

use crate::header_field::HeaderField;
use crate::headers::SignatureHeaders;
use crate::mac::{MacKey, MacState};
use crate::secret::Secret;
use crate::timestamp::UnixTime;

/// Which of a verifier's secrets signed a delivery.
///
/// When none of the recent deliveries was signed with a previous secret, that
/// secret can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchedSecret {
    /// The current one.
    Current,
    /// A previous one, by its position in the order in which the previous
    /// secrets were added, from 0.
    Previous(usize),
}

/// A body that one of our secrets signed. An event is parsed from nothing else,
/// so it cannot be parsed too early: outside this file, only
/// [`Authentic::assumed`] makes one without a MAC.
pub(crate) struct Authentic {
    body: Bytes,
    signed_at: UnixTime,
    secret: MatchedSecret,
}

impl Authentic {
    /// For a delivery that was verified before and stored.
    pub(crate) fn assumed(body: Bytes, signed_at: UnixTime, secret: MatchedSecret) -> Self {
        Self {
            body,
            signed_at,
            secret,
        }
    }

    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    pub(crate) fn signed_at(&self) -> UnixTime {
        self.signed_at
    }

    pub(crate) fn secret(&self) -> MatchedSecret {
        self.secret
    }

    pub(crate) fn into_body(self) -> Bytes {
        self.body
    }
}

/// The secrets that may have signed a delivery, the current one first.
#[derive(Debug)]
pub(crate) struct Keyring {
    current: MacKey,
    previous: Vec<MacKey>,
}

impl Keyring {
    pub(crate) fn new(current: &Secret, previous: &[Secret]) -> Self {
        Self {
            current: MacKey::new(current),
            previous: previous.iter().map(MacKey::new).collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.previous.len().saturating_add(1)
    }

    /// A MAC under the current secret, ready for the body's first byte.
    #[inline]
    pub(crate) fn start(&self, headers: &SignatureHeaders) -> MacState {
        start(&self.current, headers)
    }

    /// The verdict on a body that was hashed under the current secret as it
    /// came. The previous ones are tried only when that one does not match, so
    /// rotation costs nothing once the provider signs with the new secret.
    /// Which secret matched is not itself a secret; each comparison is in
    /// constant time. A body that nobody signed is given back.
    #[inline]
    pub(crate) fn judge(
        &self,
        hashed: MacState,
        headers: &SignatureHeaders,
        body: Bytes,
    ) -> Result<Authentic, Bytes> {
        let secret = if hashed.matches(&headers.tag) {
            Some(MatchedSecret::Current)
        } else {
            (self.previous.iter())
                .position(|key| signs(key, headers, &body))
                .map(MatchedSecret::Previous)
        };
        match secret {
            Some(secret) => Ok(Authentic {
                body,
                signed_at: headers.signed_at,
                secret,
            }),
            None => Err(body),
        }
    }

    /// The verdict on a body of which nothing was hashed yet.
    #[inline]
    pub(crate) fn judge_whole(
        &self,
        headers: &SignatureHeaders,
        body: Bytes,
    ) -> Result<Authentic, Bytes> {
        let mut hashed = self.start(headers);
        hashed.update(&body);
        self.judge(hashed, headers, body)
    }
}

#[inline]
fn start(key: &MacKey, headers: &SignatureHeaders) -> MacState {
    let mut mac = key.start();
    mac.update(headers.message_start.as_bytes());
    mac
}

fn signs(key: &MacKey, headers: &SignatureHeaders, body: &[u8]) -> bool {
    let mut mac = start(key, headers);
    mac.update(body);
    mac.matches(&headers.tag)
}

/// Signs deliveries as the provider does, for senders and for tests.
///
/// The message is the timestamp as text, a dot, and the body; the signature is
/// `v1=` and the HMAC-SHA256 of it in lower-case hex, as the provider's page
/// documents.
///
/// ```
/// use nano_webhook_core::{Secret, Signer, UnixTime, Verifier};
///
/// let body = r#"{"event":"job.failed","task_id":"task_1"}"#;
/// let time = UnixTime::from_secs(1_734_948_000);
///
/// let signer = Signer::new(&Secret::new("0123456789abcdef")?);
/// let headers = signer.sign(time, body.as_bytes());
///
/// let verifier = Verifier::new(Secret::new("0123456789abcdef")?);
/// let delivery = verifier.verify(&headers.to_pairs(), body, time)?;
/// assert_eq!(delivery.event().task_id(), Some("task_1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signer(MacKey);

impl Signer {
    /// A signer with this secret.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(MacKey::new(secret))
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
