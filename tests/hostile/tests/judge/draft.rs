//! Deliveries from a seed. Half of them are what a sender would send; the other
//! half differ in one part or more.

use fastrand::Rng;
use nano_webhook_core::{Secret, Signer};

use crate::case::{Case, Settings};
use crate::damage::{
    damage_body, damage_signature, damage_timestamp, move_the_dot, nonsense, occurrences,
};
use crate::documents::generate;
use crate::event::event;
use crate::receivers::{key, settings};

/// A delivery before its signature: that needs to know the document's
/// re-serialised text, which only the judge can say.
pub(crate) struct Draft {
    rng: Rng,
    settings: Settings,
    now_ms: u64,
    /// What the sender has.
    pub(crate) document: Vec<u8>,
}

impl Draft {
    /// `fixed`: the receivers that there are, for servers that have to be started
    /// beforehand.
    pub(crate) fn new(seed: u64, case: usize, fixed: Option<&[Settings]>) -> Self {
        let mut rng = Rng::with_seed(seed ^ (case as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let settings = match fixed {
            Some(fixed) => fixed[rng.usize(..fixed.len())].clone(),
            None => settings(&mut rng),
        };
        let document = document(&mut rng, settings.max_body);
        Self {
            now_ms: now(&mut rng),
            rng,
            settings,
            document,
        }
    }

    /// `text`: the document's `JSON.stringify(JSON.parse(…))` text, if it has one.
    pub(crate) fn finish(self, text: Option<Vec<u8>>) -> Case {
        let Self {
            mut rng,
            settings,
            now_ms,
            document,
        } = self;
        let rng = &mut rng;

        let timestamp = timestamp(rng, &settings, now_ms);
        let key = key(rng, &settings.secrets);
        // What is signed, and what is sent.
        let (signed, mut body) = match (rng.u8(..10), text) {
            (0..5, Some(text)) => (text, document),
            (5, Some(text)) => (text.clone(), text),
            _ => (document.clone(), document),
        };
        let mut signature = sign(&key, &timestamp, &signed).into_bytes();
        let mut timestamp = latin1(&timestamp);

        if rng.u8(..4) == 0 {
            for _ in 0..=rng.u8(..2) {
                match rng.u8(..6) {
                    0 | 1 => damage_body(rng, &mut body),
                    2 => timestamp = damage_timestamp(rng, timestamp),
                    3 => move_the_dot(&mut timestamp, &mut body),
                    _ => signature = damage_signature(rng, signature),
                }
            }
        }
        let timestamps = occurrences(rng, timestamp);
        let mut signatures = occurrences(rng, signature);
        if timestamps.len() != 1 && rng.bool() {
            // A signature over what Node makes of the header.
            let seen = match &*timestamps {
                [] => "undefined".to_owned(),
                many => many
                    .iter()
                    .map(|value| text_of(value))
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            signatures = vec![sign(&key, &seen, &body).into_bytes()];
        }
        let mut cuts: Vec<usize> = (0..rng.usize(..4))
            .map(|_| rng.usize(..=body.len()))
            .collect();
        cuts.sort_unstable();
        Case {
            settings,
            now_ms,
            timestamps,
            signatures,
            body,
            cuts,
        }
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
        _ => pick(
            rng,
            &[
                "",
                " ",
                "null",
                "\u{feff}{}",
                "{}",
                "[]",
                "\"\"",
                "1.5",
                "0.1e1",
            ],
        )
        .into(),
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
    let (begin, end, grows) = match rng.bool() {
        true => ("[ \"", "\"]", 0),
        // Becomes 17 bytes longer.
        false => ("[1e20,\"", "\"]", 17),
    };
    let filled = (begin.len() + end.len() + grows).min(len);
    let body = format!("{begin}{}{end}", "x".repeat(len - filled));
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
fn timestamp(rng: &mut Rng, settings: &Settings, now_ms: u64) -> String {
    let mut at = now_ms;
    match rng.u8(..24) {
        0 => at = at.saturating_sub(settings.past_ms),
        1 => at = at.saturating_sub(settings.past_ms + 1),
        2 => at = at.saturating_add(settings.future_ms),
        3 => at = at.saturating_add(settings.future_ms + 1),
        4 => at = at.saturating_sub(rng.u64(..400_000)),
        5 => at = at.saturating_add(rng.u64(..400_000)),
        6 => at = rng.u64(..) >> rng.u32(..64),
        _ => {}
    }
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
fn sign(key: &str, timestamp: &str, body: &[u8]) -> String {
    let signer = Signer::new(Secret::new(key).unwrap());
    let signed = signer.sign_with_timestamp(timestamp, body);
    signed.signature().to_owned()
}

/// As header bytes. What is drafted fits in Latin-1.
fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|char| u8::try_from(u32::from(char)).unwrap())
        .collect()
}

fn text_of(value: &[u8]) -> String {
    value.iter().map(|byte| char::from(*byte)).collect()
}

pub(crate) fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
