use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::Fault;
use super::candidates::{Candidates, Room};
use super::rows::{BODIES, CUT_TO_LENGTH, Layout, SECRETS, SignedTime, layouts};
use super::signature::Presented;

/// What a signature is tried against.
pub(super) struct Evidence<'a> {
    /// The current secret, then the previous ones.
    pub(super) secrets: &'a [&'a [u8]],
    pub(super) time: SignedTime<'a>,
    pub(super) presented: &'a Presented,
    pub(super) body: &'a [u8],
    /// The value of `Content-Length`.
    pub(super) declared: Option<usize>,
}

/// How long a search may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// How many bytes may be hashed for one mistake, for two, and for other times.
    bytes: u64,
    /// How many may be hashed for more mistakes than two.
    more: u64,
    /// How many candidates may be made of the secrets, and how many of the body.
    candidates: usize,
    /// How far around a known time other times are tried, in seconds either way.
    reach: u64,
}

impl Effort {
    /// For an interactive command: about a second.
    pub(crate) const THOROUGH: Self = Self {
        bytes: 192 * 1024 * 1024,
        more: 32 * 1024 * 1024,
        candidates: 20_000,
        reach: 12 * 60 * 60,
    };

    /// For a request in a receiver: a few hundredths of a second.
    pub(crate) const QUICK: Self = Self {
        bytes: 12 * 1024 * 1024,
        more: 2 * 1024 * 1024,
        candidates: 4_000,
        reach: 60 * 60,
    };

    /// `bytes` are hashed, and what HMAC itself hashes.
    fn spend(&mut self, bytes: usize) -> Result<(), Exhausted> {
        let cost = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(192);
        let left = self.bytes.checked_sub(cost);
        self.bytes = left.unwrap_or_default();
        left.map(drop).ok_or(Exhausted)
    }
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

/// # Errors
///
/// Not even all pairs of mistakes could be tried.
pub(super) fn search(evidence: &Evidence<'_>, effort: Effort) -> Result<Found, Exhausted> {
    let mut search = Search::new(evidence, effort);
    let mut found = search.try_all(SPLITS)?.or_else(|| search.hash());
    if found.is_none() {
        found = search.other_time()?;
    }
    if found.is_none() {
        search.effort.bytes = effort.more;
        found = search.try_all(DEEPER).unwrap_or_default();
    }
    Ok(found)
}

struct Search<'a> {
    evidence: &'a Evidence<'a>,
    effort: Effort,
    secrets: Candidates,
    bodies: Candidates,
    messages: Vec<(Layout, Option<Fault>)>,
}

impl<'a> Search<'a> {
    fn new(evidence: &'a Evidence<'a>, effort: Effort) -> Self {
        let room = Room {
            candidates: effort.candidates,
            bytes: usize::try_from(effort.bytes / 4).unwrap_or(usize::MAX),
        };
        let mut bodies = Candidates::new(BODIES, &[evidence.body], room);
        if let Some(cut) = (evidence.declared).and_then(|length| evidence.body.get(..length)) {
            bodies.add(&CUT_TO_LENGTH, cut);
        }
        Self {
            evidence,
            effort,
            secrets: Candidates::new(SECRETS, evidence.secrets, room),
            bodies,
            messages: layouts(&evidence.time),
        }
    }

    fn try_all(&mut self, splits: &[[usize; 3]]) -> Result<Found, Exhausted> {
        for [secrets, messages, bodies] in splits {
            let secrets = self.secrets.level(*secrets);
            let keys: Vec<_> = (secrets.iter())
                .filter_map(|secret| Some((key(&secret.value)?, secret)))
                .collect();
            for body in self.bodies.level(*bodies) {
                let layouts = self.messages.iter();
                for (Layout { before, after }, fault) in
                    layouts.filter(|(_, fault)| fault.is_some() == (*messages == 1))
                {
                    let message = [before.as_bytes(), &body.value, after.as_bytes()];
                    for (key, secret) in &keys {
                        self.effort.spend(body.value.len())?;
                        if self.evidence.presented.is(&mac(key, &message)) {
                            let faults = secret.faults().chain(fault.clone()).chain(body.faults());
                            return Ok(Some(faults.collect()));
                        }
                    }
                }
            }
        }
        Ok(None)
    }

    /// The body and the secret may be right, and the timestamp that of another
    /// delivery of the same body: a retry, say.
    fn other_time(&mut self) -> Result<Found, Exhausted> {
        let keys: Vec<_> = (self.evidence.secrets.iter())
            .filter_map(|secret| key(secret))
            .collect();
        let header = self.evidence.time.header_secs();
        // Milliseconds within the header's second first.
        let within = |secs: u64| {
            (0..1000).map(move |millis| secs.saturating_mul(1000).saturating_add(millis))
        };
        let milliseconds = header.into_iter().flat_map(within);
        // Outwards from the header's time, then from the body's.
        let reach = self.effort.reach;
        let around = |center: u64| {
            (0..=reach).flat_map(move |by| [center.checked_sub(by), center.checked_add(by)])
        };
        let centers = header.into_iter().chain(self.evidence.time.body_secs());
        let seconds = centers.flat_map(around).flatten();
        for (number, unit) in
            (milliseconds.map(|number| (number, 1000))).chain(seconds.map(|number| (number, 1)))
        {
            let timestamp = number.to_string();
            for key in &keys {
                self.effort.spend(self.evidence.body.len())?;
                let message = [timestamp.as_bytes(), b".", self.evidence.body];
                if self.evidence.presented.is(&mac(key, &message)) {
                    let fault = match unit {
                        1 => another_time(number, header.unwrap_or_default()),
                        _ => Fault::new(
                            "timestamp_unit",
                            "the signature was made over the timestamp in milliseconds, but it was given in seconds; it must be over the header's text as it was sent",
                        ),
                    };
                    return Ok(Some(vec![fault]));
                }
            }
        }
        Ok(None)
    }

    /// A hash that is not an HMAC.
    fn hash(&self) -> Found {
        let body = self.evidence.body;
        let message = &[self.evidence.time.header.as_bytes(), b".", body].concat();
        let is_presented = |secret: &&[u8]| {
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
            hashes.any(|hash| self.evidence.presented.is(&hash))
        };
        let is_hash = self.evidence.secrets.iter().any(is_presented);
        let clause = "the signature is a plain SHA-256 hash; it must be HMAC-SHA256 with the secret as the key";
        is_hash.then(|| vec![Fault::new("signature_not_hmac", clause)])
    }
}

fn another_time(secs: u64, header: u64) -> Fault {
    let direction = if secs > header { "later" } else { "earlier" };
    Fault::new(
        "timestamp_of_another_delivery",
        format!(
            "the signature is right for this body with another timestamp, one that is {} s {direction}: timestamp and signature are from two deliveries",
            secs.abs_diff(header)
        ),
    )
}

/// A key of any bytes. The library's own signer takes only what the provider can have
/// as a secret and signs only what the provider signs; the search tries what others
/// sign by mistake. `None` never happens: HMAC takes keys of any length.
fn key(secret: &[u8]) -> Option<Hmac<Sha256>> {
    Hmac::new_from_slice(secret).ok()
}

fn mac(key: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = key.clone();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}
