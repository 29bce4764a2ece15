use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::Fault;
use super::candidates::{Candidate, Candidates};
use super::rows::{Layout, SignedTime, layouts, other_times};
use super::signature::Presented;

/// How long a search may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// How many bytes may be hashed for one mistake, for two, and for other times. For
    /// more mistakes, a sixth of it.
    pub(super) bytes: usize,
    /// How many candidates may be made of the secrets, and how many of the body.
    pub(super) candidates: usize,
    /// How far around a known time other times are tried, in seconds either way.
    reach: u64,
}

impl Effort {
    /// For an interactive command: about a second.
    pub(crate) const THOROUGH: Self = Self {
        bytes: 192 * 1024 * 1024,
        candidates: 20_000,
        reach: 12 * 60 * 60,
    };

    /// For a request in a receiver: a few hundredths of a second.
    pub(crate) const QUICK: Self = Self {
        bytes: 12 * 1024 * 1024,
        candidates: 4_000,
        reach: 60 * 60,
    };
}

/// The effort was not enough.
pub(super) struct Exhausted;

/// The mistakes that were made, none if the signature is right for what was given.
/// `None` if nothing known makes it right.
type Found = Option<Vec<Fault>>;

/// How many mistakes concern secret, message and body; all in one place first.
#[rustfmt::skip]
const SPLITS: &[[usize; 3]] = &[
    [0, 0, 0],
    [1, 0, 0], [0, 1, 0], [0, 0, 1],
    [2, 0, 0], [0, 0, 2], [1, 0, 1], [1, 1, 0], [0, 1, 1],
];

/// The same for more than two mistakes.
#[rustfmt::skip]
const DEEPER: &[[usize; 3]] = &[
    [0, 0, 3], [3, 0, 0], [1, 0, 2], [2, 0, 1], [0, 1, 2], [1, 1, 1],
    [0, 0, 4], [1, 0, 3],
];

/// What a signature is tried against.
pub(super) struct Search<'a> {
    pub(super) presented: &'a Presented,
    pub(super) time: SignedTime<'a>,
    pub(super) secrets: Candidates,
    pub(super) bodies: Candidates,
    pub(super) effort: Effort,
}

impl Search<'_> {
    /// # Errors
    ///
    /// Not even all pairs of mistakes could be tried.
    pub(super) fn run(&mut self) -> Result<Found, Exhausted> {
        let Effort { bytes, reach, .. } = self.effort;
        let mut found = self.try_all(SPLITS)?.or_else(|| self.hash());
        if found.is_none() {
            found = self.try_layouts(other_times(&self.time, reach), 0, 0)?;
        }
        if found.is_none() {
            self.effort.bytes = bytes / 6;
            found = self.try_all(DEEPER).unwrap_or_default();
        }
        Ok(found)
    }

    fn try_all(&mut self, splits: &[[usize; 3]]) -> Result<Found, Exhausted> {
        for [secrets, messages, bodies] in splits {
            let layouts = layouts(&self.time).into_iter();
            let layouts = layouts.filter(|(_, fault)| usize::from(fault.is_some()) == *messages);
            let found = self.try_layouts(layouts, *secrets, *bodies)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// With the secrets and the bodies of these levels.
    fn try_layouts(
        &mut self,
        layouts: impl Iterator<Item = Layout>,
        secrets: usize,
        bodies: usize,
    ) -> Result<Found, Exhausted> {
        let secrets = self.secrets.level(secrets).iter();
        let keys = secrets.filter_map(|secret| Some((key(&secret.value)?, secret)));
        let keys: Vec<_> = keys.collect();
        let bodies = self.bodies.level(bodies);
        for ([before, after], fault) in layouts {
            for body in bodies {
                for (key, secret) in &keys {
                    // What HMAC itself hashes counts as well.
                    let left = self.effort.bytes.checked_sub(body.value.len() + 192);
                    self.effort.bytes = left.ok_or(Exhausted)?;
                    let mac = key.clone().chain_update(&before).chain_update(&body.value);
                    let mac = mac.chain_update(&after).finalize().into_bytes();
                    if self.presented.is(&mac) {
                        let faults = secret.faults().chain(fault).chain(body.faults());
                        return Ok(Some(faults.collect()));
                    }
                }
            }
        }
        Ok(None)
    }

    /// A hash that is not an HMAC.
    fn hash(&mut self) -> Found {
        let [secrets, bodies] = [&mut self.secrets, &mut self.bodies].map(|given| given.level(0));
        let body = bodies.first()?.value.as_slice();
        let message = &[self.time.header.as_bytes(), b".", body].concat();
        let is_presented = |secret: &Candidate| {
            let secret = secret.value.as_slice();
            let orders: [&[&[u8]]; 8] = [
                &[body],
                &[message],
                &[secret, body],
                &[secret, message],
                &[body, secret],
                &[message, secret],
                &[secret, b".", message],
                &[message, b".", secret],
            ];
            let mut hashes = orders.iter().map(|parts| Sha256::digest(parts.concat()));
            hashes.any(|hash| self.presented.is(&hash))
        };
        let is_hash = secrets.iter().any(is_presented);
        let clause = "the signature is a plain SHA-256 hash; it must be HMAC-SHA256 with the secret as the key";
        is_hash.then(|| vec![Fault::new("signature_not_hmac", clause)])
    }
}

/// The library's own signer takes only what the provider can have as a secret and signs
/// only what the provider signs; the search tries what others sign by mistake. `None`
/// never happens: HMAC takes keys of any length.
fn key(secret: &[u8]) -> Option<Hmac<Sha256>> {
    Hmac::new_from_slice(secret).ok()
}
