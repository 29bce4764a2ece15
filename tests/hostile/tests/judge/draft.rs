//! Deliveries from a seed. Half of them are what a sender would send; the other
//! half differ in one part or more.

use fastrand::Rng;
use nano_webhook_core::{Secret, Signer};
use nano_webhook_test_kit::oracle::head::Limits;

use crate::case::Case;
use crate::damage::{
    damage_body, damage_signature, damage_timestamp, move_the_dot, nonsense, occurrences,
};
use crate::documents::generate;
use crate::receivers::{any, event, key};

/// A delivery before its signature: that needs to know the document's
/// re-serialised text, which only the judge can say.
pub(crate) struct Draft {
    rng: Rng,
    /// Its body is the document that the sender has.
    pub(crate) case: Case,
}

impl Draft {
    /// `fixed`: the receivers that were started beforehand.
    pub(crate) fn new(seed: u64, case: usize, fixed: Option<&[(Vec<String>, Limits)]>) -> Self {
        let mut rng = Rng::with_seed(seed ^ (case as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let receiver = rng.usize(..fixed.map_or(1, <[_]>::len));
        let (secrets, mut limits) = match fixed {
            Some(fixed) => fixed[receiver].clone(),
            None => any(&mut rng),
        };
        let body = document(&mut rng, limits.max_body);
        limits.now_ms = now(&mut rng);
        let case = Case {
            receiver,
            secrets,
            limits,
            body,
            ..Case::default()
        };
        Self { rng, case }
    }

    /// `text`: the document's `JSON.stringify(JSON.parse(…))` text, if it has one.
    pub(crate) fn finish(self, text: Option<Vec<u8>>) -> Case {
        let Self { mut rng, mut case } = self;
        let (rng, body) = (&mut rng, &mut case.body);

        let timestamp = timestamp(rng, &case.limits);
        let key = key(rng, &case.secrets);
        // What is signed, and what is sent.
        let signed = match (rng.u8(..10), text) {
            (0..5, Some(text)) => text,
            (5, Some(text)) => {
                body.clone_from(&text);
                text
            }
            _ => body.clone(),
        };
        let mut signature = sign(&key, &timestamp, &signed);
        // As header bytes. What is drafted fits in Latin-1.
        let bytes = timestamp.chars().map(|char| u8::try_from(char).unwrap());
        let mut timestamp: Vec<u8> = bytes.collect();

        if rng.u8(..4) == 0 {
            for _ in 0..=rng.u8(..2) {
                match rng.u8(..6) {
                    0 | 1 => damage_body(rng, body),
                    2 => timestamp = damage_timestamp(rng, timestamp),
                    3 => move_the_dot(&mut timestamp, body),
                    _ => signature = damage_signature(rng, signature),
                }
            }
        }
        case.timestamps = occurrences(rng, timestamp);
        case.signatures = occurrences(rng, signature);
        if case.timestamps.len() != 1 && rng.bool() {
            // A signature over what Node makes of the header.
            let text_of = |value: &Vec<u8>| value.iter().map(|byte| char::from(*byte)).collect();
            let seen = match &*case.timestamps {
                [] => "undefined".to_owned(),
                many => many.iter().map(text_of).collect::<Vec<String>>().join(", "),
            };
            case.signatures = vec![sign(&key, &seen, body)];
        }
        let cuts = (0..rng.usize(..4)).map(|_| rng.usize(..=body.len()));
        case.cuts = cuts.collect();
        case.cuts.sort_unstable();
        case
    }
}

fn document(rng: &mut Rng, max_body: usize) -> Vec<u8> {
    if max_body <= 2000 && rng.u8(..4) == 0 {
        return about_as_long_as(rng, max_body);
    }
    let mut any = generate(rng.u64(..));
    match rng.u8(..19) {
        0..9 => {
            let extra = match rng.u8(..20) {
                0 => r#"["\ud83d", {"\uDE00": "\ud83d\ude00"}]"#.to_owned(),
                _ => match String::from_utf8(any) {
                    Ok(extra) if extra.len() < 500 => extra,
                    _ => "7.50".to_owned(),
                },
            };
            let mut body = event(rng, &extra).into_bytes();
            if rng.u8(..30) == 0 {
                body = b"{\"event\":\"\xff\xc3\x28\", \"task_id\":\"1\"}".to_vec();
            }
            body
        }
        9..16 => any,
        16 => nested(rng),
        17 => {
            if let Some(byte) = any.last_mut() {
                *byte = rng.u8(..);
            }
            any
        }
        _ => {
            let small = r#"| |null|{}|[]|""|1.5|0.1e1"#.split('|');
            let small: Vec<&str> = small.chain(["\u{feff}{}"]).collect();
            pick(rng, &small).into()
        }
    }
}

/// Nested about as deep as is accepted; and deep inside a value that a later
/// duplicate replaces.
fn nested(rng: &mut Rng) -> Vec<u8> {
    let depth = rng.usize(124..=132);
    let nested = format!("{}{}", "[ ".repeat(depth), " ]".repeat(depth));
    let body = match rng.u8(..3) {
        0 => nested,
        1 => format!(r#"{{"event":"job.progress","a":{nested}}}"#),
        _ => format!(r#"{{"event":"job.progress","a":{nested},"a":[{{}}]}}"#),
    };
    body.into_bytes()
}

/// Around the receiver's limit, before or after it is rewritten.
fn about_as_long_as(rng: &mut Rng, max_body: usize) -> Vec<u8> {
    let len = max_body + rng.usize(..3) - 1;
    // The second becomes 17 bytes longer.
    let (begin, grows) = pick(rng, &[("[ \"", 0), ("[1e20,\"", 17)]);
    let filled = (begin.len() + 2 + grows).min(len);
    let body = format!("{begin}{}\"]", "x".repeat(len - filled));
    body.into_bytes()
}

fn now(rng: &mut Rng) -> u64 {
    match rng.u8(..10) {
        0..6 => 1_734_948_000_123,
        6 => pick(rng, &[0, 1, 299_999, 300_000, 300_001]),
        // Where seconds end and milliseconds begin.
        7 => 100_000_000_000_000 - rng.u64(..3) * 1000,
        8 => 100_000_000_000 + pick(rng, &[0, 0, 1, 299_999, 300_000]),
        _ => u64::MAX - rng.u64(..400_000),
    }
}

/// The text that is signed, and, unless it is damaged on its way, sent.
fn timestamp(rng: &mut Rng, limits: &Limits) -> String {
    let now = limits.now_ms;
    let at = match rng.u8(..24) {
        0 => now.saturating_sub(limits.past_ms),
        1 => now.saturating_sub(limits.past_ms + 1),
        2 => now.saturating_add(limits.future_ms),
        3 => now.saturating_add(limits.future_ms + 1),
        4 => now.saturating_sub(rng.u64(..400_000)),
        5 => now.saturating_add(rng.u64(..400_000)),
        6 => rng.u64(..) >> rng.u32(..64),
        _ => now,
    };
    // Each only where it is read as such.
    let text = match rng.bool() || at < 100_000_000_000 {
        true if at < 100_000_000_000_000 => (at / 1000).to_string(),
        _ => at.to_string(),
    };
    match rng.u8(..30) {
        0 => format!("{text:0>20}"),
        1 => format!("0{text}"),
        2 => nonsense(rng, &text),
        3 => at.to_string(),
        _ => text,
    }
}

/// The sender's own function. If it were wrong, the judge would refuse all.
fn sign(key: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    let signer = Signer::new(Secret::new(key).unwrap());
    let signed = signer.sign_with_timestamp(timestamp, body);
    signed.signature().into()
}

pub(crate) fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
