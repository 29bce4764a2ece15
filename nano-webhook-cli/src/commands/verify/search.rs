use super::candidates::{Candidate, Candidates, Room};
use super::evidence::{Effort, Evidence, Found};
use super::mac::{Key, hashes};
use super::rows::{BODIES, CUT_TO_LENGTH, Fault, Layout, MESSAGES, SECRETS};

/// So many mistakes are undone at most.
const MOST: usize = 4;

/// How many of them concern secret, message and body; all in one place first.
#[rustfmt::skip]
const SPLITS: &[[usize; 3]] = &[
    [0, 0, 0],
    [1, 0, 0], [0, 1, 0], [0, 0, 1],
    [2, 0, 0], [0, 0, 2], [1, 0, 1], [1, 1, 0], [0, 1, 1],
    [0, 0, 3], [3, 0, 0], [1, 0, 2], [2, 0, 1], [0, 1, 2], [1, 1, 1],
    [0, 0, 4], [1, 0, 3],
];

pub(super) fn search(evidence: &Evidence<'_>, effort: Effort) -> Found {
    let mut search = Search::new(evidence, effort);
    for split in SPLITS
        .iter()
        .filter(|split| split.iter().sum::<usize>() <= 2)
    {
        match search.try_split(*split) {
            Ok(None) => {}
            Ok(Some(faults)) if faults.is_empty() => return Found::AsGiven,
            Ok(Some(faults)) => return Found::After(faults),
            Err(Exhausted) => return Found::Nothing { gave_up: true },
        }
    }
    match search.other_time().or_else(|| search.hash()) {
        Some(found) => return found,
        None if search.effort.bytes == 0 => return Found::Nothing { gave_up: true },
        None => search.effort.bytes = effort.more,
    }
    let deeper = SPLITS
        .iter()
        .filter(|split| (3..=MOST).contains(&split.iter().sum()));
    for split in deeper {
        match search.try_split(*split) {
            Ok(None) => {}
            Ok(Some(faults)) => return Found::After(faults),
            Err(Exhausted) => break,
        }
    }
    Found::Nothing { gave_up: false }
}

struct Exhausted;

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
        let mut bodies = Candidates::new(BODIES, [evidence.body], room);
        let declared = evidence
            .declared
            .and_then(|length| evidence.body.get(..length));
        if let Some(declared) = declared {
            bodies.add(&CUT_TO_LENGTH, declared);
        }
        let mut messages = vec![(Layout::documented(evidence.time.header), None)];
        for row in MESSAGES {
            for layout in (row.undo)(&evidence.time) {
                if messages.iter().all(|(known, _)| *known != layout) {
                    messages.push((layout, Some(row.into())));
                }
            }
        }
        Self {
            evidence,
            effort,
            secrets: Candidates::new(SECRETS, evidence.secrets.iter().copied(), room),
            bodies,
            messages,
        }
    }

    /// The mistakes, if undoing so many of them makes the signature right.
    fn try_split(
        &mut self,
        [secrets, messages, bodies]: [usize; 3],
    ) -> Result<Option<Vec<Fault>>, Exhausted> {
        let secrets = self.secrets.level(secrets);
        let keys: Vec<_> = secrets
            .iter()
            .filter_map(|secret| Key::new(&secret.value))
            .collect();
        for body in self.bodies.level(bodies) {
            let layouts = self.messages.iter();
            for (layout, fault) in layouts.filter(|(_, fault)| fault.is_some() == (messages == 1)) {
                let message = [layout.before.as_slice(), &body.value, &layout.after];
                for (key, secret) in keys.iter().zip(secrets) {
                    if !self.effort.spend(body.value.len()) {
                        return Err(Exhausted);
                    }
                    if self.evidence.presented.is(&key.mac(&message)) {
                        let secret = secret_faults(secret);
                        let faults = secret.chain(fault.clone()).chain(body.faults());
                        return Ok(Some(faults.collect()));
                    }
                }
            }
        }
        Ok(None)
    }

    /// The body and the secret may be right, and the timestamp that of another
    /// delivery of the same body: a retry, say.
    fn other_time(&mut self) -> Option<Found> {
        let keys: Vec<_> = self
            .evidence
            .secrets
            .iter()
            .filter_map(|secret| Key::new(secret))
            .collect();
        let header = self.evidence.time.header_secs();
        let reach = self.effort.reach;
        // Milliseconds within the header's second first.
        let milliseconds = header.into_iter().flat_map(|secs| {
            let first = secs.saturating_mul(1000);
            (first..=first.saturating_add(999)).map(move |millis| (millis, secs))
        });
        // Outwards from the header's time, then from the body's.
        let centers = header.into_iter().chain(self.evidence.time.body_secs());
        let seconds = centers.flat_map(|center| {
            let around =
                move |distance| [center.checked_sub(distance), center.checked_add(distance)];
            let times = (0..=reach).flat_map(around).flatten();
            times.map(|secs| (secs, secs))
        });
        for (number, secs) in milliseconds.chain(seconds) {
            let timestamp = number.to_string();
            for key in &keys {
                if !self.effort.spend(self.evidence.body.len()) {
                    return None;
                }
                let mac = key.mac(&[timestamp.as_bytes(), b".", self.evidence.body]);
                if self.evidence.presented.is(&mac) {
                    return Some(found_time(secs, number, header));
                }
            }
        }
        None
    }

    /// A hash that is not an HMAC.
    fn hash(&self) -> Option<Found> {
        let evidence = self.evidence;
        let message = [evidence.time.header.as_bytes(), b".", evidence.body].concat();
        let mut hashes =
            (evidence.secrets.iter()).flat_map(|secret| hashes(secret, &message, evidence.body));
        hashes.any(|hash| evidence.presented.is(&hash)).then(|| {
            Found::After(vec![Fault::new(
                "signature_not_hmac",
                "the signature is a plain SHA-256 hash; it must be HMAC-SHA256 with the secret as the key",
            )])
        })
    }
}

/// Names the secret if it is not the current one.
fn secret_faults(secret: &Candidate) -> impl Iterator<Item = Fault> {
    let given = secret.given;
    secret.faults().map(move |mut fault| {
        if given > 0 {
            let which = format!("previous secret {given}");
            fault.clause = fault.clause.replace("the given secret", &which);
            fault.clause = fault.clause.replacen("the secret", &which, 1);
        }
        fault
    })
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
