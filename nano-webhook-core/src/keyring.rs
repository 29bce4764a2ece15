use std::sync::Arc;

use bytes::Bytes;

use crate::head::SignedHead;
use crate::mac::{MacKey, MacState};
use crate::rules::Rules;
use crate::secret::Secret;
use crate::timestamp::UnixTime;

/// Which of a verifier's secrets signed a delivery.
///
/// When none of the recent deliveries was signed with a previous secret, that
/// secret can be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchedSecret {
    /// The current one.
    Current,
    /// One of the previous ones.
    Previous,
}

/// A body that one of the secrets signed. An event is parsed from nothing else,
/// so it cannot be parsed too early: outside this file, only
/// [`Authentic::assumed`] makes one without a MAC.
pub(crate) struct Authentic {
    pub(crate) body: Bytes,
    pub(crate) signed_at: UnixTime,
    pub(crate) secret: MatchedSecret,
    _seal: Seal,
}

struct Seal;

impl Authentic {
    /// For a delivery that was verified before and stored.
    pub(crate) fn assumed(body: Bytes, signed_at: UnixTime, secret: MatchedSecret) -> Self {
        Self {
            body,
            signed_at,
            secret,
            _seal: Seal,
        }
    }
}

/// The secrets that may have signed a delivery, the current one first, and the
/// rules that every request is held to.
pub(crate) struct Keyring {
    pub(crate) rules: Arc<Rules>,
    current: MacKey,
    previous: Vec<MacKey>,
    /// A secret is surrounded by white space, quotes or invisible characters.
    pub(crate) decorated: bool,
}

impl Keyring {
    /// Logs a warning for each secret that looks wrong.
    pub(crate) fn new(rules: Arc<Rules>, current: &Secret, previous: &[Secret]) -> Self {
        let mut decorated = false;
        for secret in std::iter::once(current).chain(previous) {
            for warning in secret.warnings() {
                tracing::warn!("{warning}");
            }
            decorated |= secret.is_decorated();
        }
        Self {
            rules,
            current: MacKey::new(current),
            previous: previous.iter().map(MacKey::new).collect(),
            decorated,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.previous.len().saturating_add(1)
    }

    /// A MAC under the current secret, ready for the body's first byte.
    #[inline]
    pub(crate) fn start(&self, head: &SignedHead) -> MacState {
        start(&self.current, head)
    }

    /// Verifies a body that was hashed under the current secret as it came. The
    /// previous ones are tried only when that one does not match, so a rotation
    /// costs nothing once the provider signs with the new secret. Which secret
    /// matched is not a secret; each comparison is in constant time. A body
    /// without a valid signature is given back.
    #[inline]
    pub(crate) fn verify(
        &self,
        hashed: MacState,
        head: &SignedHead,
        body: Bytes,
    ) -> Result<Authentic, Bytes> {
        let secret = if hashed.matches(&head.tag) {
            MatchedSecret::Current
        } else if self.previous.iter().any(|key| signs(key, head, &body)) {
            MatchedSecret::Previous
        } else {
            return Err(body);
        };
        Ok(Authentic::assumed(body, head.signed_at, secret))
    }

    /// Verifies a body of which nothing was hashed yet.
    #[inline]
    pub(crate) fn verify_whole(&self, head: &SignedHead, body: Bytes) -> Result<Authentic, Bytes> {
        let mut hashed = self.start(head);
        hashed.update(&body);
        self.verify(hashed, head, body)
    }
}

#[inline]
fn start(key: &MacKey, head: &SignedHead) -> MacState {
    let mut mac = key.start();
    mac.update(head.message_start.as_bytes());
    mac
}

fn signs(key: &MacKey, head: &SignedHead, body: &[u8]) -> bool {
    let mut mac = start(key, head);
    mac.update(body);
    mac.matches(&head.tag)
}
