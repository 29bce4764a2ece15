use nano_webhook_core::{Secret, Signer};

use super::causes::{BODIES, Fault, Layout, MESSAGES, Presented, SECRETS, SignedTime};

/// What a signature is tried against.
pub(super) struct Evidence<'a> {
    /// The current secret, then the previous ones.
    pub(super) secrets: &'a [&'a Secret],
    pub(super) time: SignedTime<'a>,
    pub(super) presented: &'a Presented,
    pub(super) body: &'a [u8],
}

/// How long a search may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// How many bytes may be hashed.
    bytes: u64,
    /// How far around a known time other times are tried, in seconds either way.
    reach: u64,
}

impl Effort {
    /// For somebody who waits for the answer: about a second.
    pub(crate) const THOROUGH: Self = Self {
        bytes: 256 * 1024 * 1024,
        reach: 12 * 60 * 60,
    };

    /// For a request in a receiver: a few hundredths of a second.
    pub(crate) const QUICK: Self = Self {
        bytes: 16 * 1024 * 1024,
        reach: 60 * 60,
    };

    /// False when there is none left. `bytes` are hashed, and what HMAC itself
    /// hashes.
    fn spend(&mut self, bytes: usize) -> bool {
        let cost = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(192);
        match self.bytes.checked_sub(cost) {
            Some(left) => {
                self.bytes = left;
                true
            }
            None => false,
        }
    }
}

/// What a search found.
#[derive(Debug)]
pub(super) enum Found {
    /// The signature is right for what was given.
    AsGiven,
    /// It is right once these mistakes are undone: one, or two of different
    /// kinds.
    After(Vec<Fault>),
    /// It is right for another time, so far from the header's.
    OtherTime { seconds: u64, is_later: bool },
    /// Nothing known makes it right.
    Nothing {
        /// Not everything could be tried, since the body is large.
        gave_up: bool,
    },
}

/// A larger body is tried as it is only: it would be copied some forty times.
const LARGEST_CHANGED: usize = 4 * 1024 * 1024;

pub(super) fn search(evidence: &Evidence<'_>, mut effort: Effort) -> Found {
    let secrets = secrets(evidence);
    let layouts = layouts(evidence);
    let bodies = bodies(evidence);
    for mistakes in 0..=2 {
        for secret in &secrets {
            for layout in &layouts {
                for body in &bodies {
                    let faults = [&secret.fault, &layout.fault, &body.fault];
                    if faults.iter().filter(|fault| fault.is_some()).count() != mistakes {
                        continue;
                    }
                    if !effort.spend(body.value.len()) {
                        return Found::Nothing { gave_up: true };
                    }
                    if signs(
                        &secret.value,
                        &layout.value,
                        &body.value,
                        evidence.presented,
                    ) {
                        let faults: Vec<_> = faults.into_iter().flatten().cloned().collect();
                        return match faults.is_empty() {
                            true => Found::AsGiven,
                            false => Found::After(faults),
                        };
                    }
                }
            }
        }
    }
    other_time(evidence, &mut effort)
}

/// A value as it was given, or with one mistake undone.
struct Candidate<T> {
    value: T,
    fault: Option<Fault>,
}

impl<T> Candidate<T> {
    fn given(value: T) -> Self {
        Self { value, fault: None }
    }
}

/// The given ones first. What two rows have in common counts for the first one.
fn secrets(evidence: &Evidence<'_>) -> Vec<Candidate<Signer>> {
    let mut signers: Vec<_> = evidence
        .secrets
        .iter()
        .map(|secret| Candidate::given(Signer::new(secret)))
        .collect();
    for cause in SECRETS {
        for (position, secret) in evidence.secrets.iter().enumerate() {
            let mut fault = Fault::from(cause);
            if position > 0 {
                let which = format!("previous secret {position}");
                fault.clause = fault.clause.replace("the given secret", &which);
                fault.clause = fault.clause.replacen("the secret", &which, 1);
            }
            for candidate in (cause.candidates)(secret.expose()) {
                if let Ok(secret) = Secret::new(candidate) {
                    signers.push(Candidate {
                        value: Signer::new(&secret),
                        fault: Some(fault.clone()),
                    });
                }
            }
        }
    }
    signers
}

fn layouts(evidence: &Evidence<'_>) -> Vec<Candidate<Layout>> {
    let given = Layout::documented(evidence.time.header);
    let mut layouts = vec![Candidate::given(given)];
    for cause in MESSAGES {
        for value in (cause.candidates)(&evidence.time) {
            push_new(&mut layouts, value, cause.into());
        }
    }
    layouts
}

fn bodies(evidence: &Evidence<'_>) -> Vec<Candidate<Vec<u8>>> {
    let mut bodies = vec![Candidate::given(evidence.body.to_vec())];
    if evidence.body.len() > LARGEST_CHANGED {
        return bodies;
    }
    for cause in BODIES {
        for value in (cause.candidates)(evidence.body) {
            push_new(&mut bodies, value, cause.into());
        }
    }
    bodies
}

fn push_new<T: PartialEq>(list: &mut Vec<Candidate<T>>, value: T, fault: Fault) {
    if list.iter().all(|known| known.value != value) {
        list.push(Candidate {
            value,
            fault: Some(fault),
        });
    }
}

/// A [`Signer`] puts a dot between a text and some bytes. Every message that has
/// a dot after nothing but text can be divided there, so it can be made to sign
/// messages of any layout; the documented event names have a dot in them.
fn signs(signer: &Signer, layout: &Layout, body: &[u8], presented: &Presented) -> bool {
    let Layout { before, after } = layout;
    if after.is_empty()
        && let Some(timestamp) = before.strip_suffix(b".")
        && let Ok(timestamp) = std::str::from_utf8(timestamp)
    {
        return presented.is(signer.sign_with_timestamp(timestamp, body).signature());
    }
    let message = [before.as_slice(), body, after.as_slice()].concat();
    let Some(dot) = message.iter().position(|byte| *byte == b'.') else {
        return false;
    };
    let (text, rest) = message.split_at(dot);
    let rest = rest.strip_prefix(b".").unwrap_or(rest);
    std::str::from_utf8(text)
        .is_ok_and(|text| presented.is(signer.sign_with_timestamp(text, rest).signature()))
}

/// The body and the secret may be right, and the timestamp that of another
/// delivery of the same body: a retry, say.
fn other_time(evidence: &Evidence<'_>, effort: &mut Effort) -> Found {
    let signers: Vec<_> = evidence
        .secrets
        .iter()
        .map(|secret| Signer::new(secret))
        .collect();
    let header = evidence.time.header_secs();
    let reach = effort.reach;
    // Milliseconds within the header's second first.
    let milliseconds = header.into_iter().flat_map(|secs| {
        let first = secs.saturating_mul(1000);
        (first..=first.saturating_add(999)).map(move |millis| (millis, secs))
    });
    // Outwards from the header's time, then from the body's.
    let body = evidence.time.body_secs();
    let centers = header.into_iter().chain(body);
    let seconds = centers.flat_map(|center| {
        (0..=reach)
            .flat_map(move |distance| [center.checked_sub(distance), center.checked_add(distance)])
            .flatten()
            .filter(move |secs| {
                let near_header = header.is_some_and(|header| secs.abs_diff(header) <= reach);
                Some(center) == header || !near_header
            })
            .map(|secs| (secs, secs))
    });
    for (number, secs) in milliseconds.chain(seconds) {
        let timestamp = number.to_string();
        for signer in &signers {
            if !effort.spend(evidence.body.len()) {
                return Found::Nothing { gave_up: true };
            }
            let signed = signer.sign_with_timestamp(&timestamp, evidence.body);
            if evidence.presented.is(signed.signature()) {
                return found_time(secs, number, header);
            }
        }
    }
    Found::Nothing { gave_up: false }
}

fn found_time(secs: u64, number: u64, header: Option<u64>) -> Found {
    if header == Some(secs) && number != secs {
        return Found::After(vec![Fault::new(
            "timestamp_unit",
            "the signature was made over the timestamp in milliseconds, but it was given in seconds; it must be over the header's text as it was sent",
        )]);
    }
    let header = header.unwrap_or_default();
    Found::OtherTime {
        seconds: secs.abs_diff(header),
        is_later: secs > header,
    }
}
