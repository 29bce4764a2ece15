use super::rows::{Fault, Presented, SignedTime};

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
    pub(super) bytes: u64,
    /// How many may be hashed for more mistakes than two.
    pub(super) more: u64,
    /// How many candidates may be made of the secrets, and how many of the body.
    pub(super) candidates: usize,
    /// How far around a known time other times are tried, in seconds either way.
    pub(super) reach: u64,
}

impl Effort {
    /// For a user who waits for the answer: about a second.
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

    /// False when none is left. `bytes` are hashed, and what HMAC itself hashes.
    pub(super) fn spend(&mut self, bytes: usize) -> bool {
        let cost = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(192);
        let left = self.bytes.checked_sub(cost);
        self.bytes = left.unwrap_or_default();
        left.is_some()
    }
}

/// What a search found.
#[derive(Debug)]
pub(super) enum Found {
    /// The signature is right for what was given.
    AsGiven,
    /// It is right once these mistakes are undone.
    After(Vec<Fault>),
    /// It is right for another time, so far from the header's.
    OtherTime { seconds: u64, is_later: bool },
    /// Nothing known makes it right.
    Nothing {
        /// Not even all pairs of mistakes could be tried, since the body is large.
        gave_up: bool,
    },
}
