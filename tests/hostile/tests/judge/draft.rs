//! Deliveries from a seed. Half of them are what a sender would send; the other
//! half differ in one part or more.

use fastrand::Rng;
use nano_webhook_core::{Secret, Signer};

use crate::case::{Case, Settings};
use crate::documents::Generator;
use crate::event::event;

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

/// Any receiver.
fn settings(rng: &mut Rng) -> Settings {
    let bound = |rng: &mut Rng| match rng.u8(..8) {
        0 => pick(rng, &[0, 1, 999, 60_001]),
        _ => 300_000,
    };
    Settings {
        secrets: (0..rng.usize(1..=3)).map(|_| secret(rng)).collect(),
        past_ms: bound(rng),
        future_ms: bound(rng),
        max_body: match rng.u8(..8) {
            0 => pick(rng, &[100, 400, 2000]),
            _ => 256 * 1024,
        },
    }
}

/// Secrets of every kind; some that differ in little, and pairs that HMAC cannot
/// tell apart (a key is padded with NUL).
pub(crate) fn secret(rng: &mut Rng) -> String {
    let len = pick(
        rng,
        &[1, 8, 16, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000],
    );
    match rng.u8(..6) {
        0 | 1 => (0..len).map(|_| rng.alphanumeric()).collect(),
        2 => (0..len).map(|_| rng.char(..)).collect(),
        3 => format!("{}\u{1f34c}\u{e9}e\u{301}", rng.u32(..)),
        4 => {
            let (before, after) = (pick(rng, &["", " ", "\n"]), pick(rng, &[" ", "\r\n", "\t"]));
            format!("{before}{}{after}", rng.u32(..))
        }
        _ => format!("your-secret-key{}", pick(rng, &["", "\0", "!", "\u{301}"])),
    }
}

/// Usually one of the receiver's secrets; else one that looks like it.
fn key(rng: &mut Rng, secrets: &[String]) -> String {
    let key = secrets[rng.usize(..secrets.len())].clone();
    if rng.u8(..8) > 0 {
        return key;
    }
    let other = match rng.u8(..8) {
        0 => key.trim().to_owned(),
        1 => format!("{key}\n"),
        2 => format!(" {key}"),
        3 => format!("{key}\0"),
        4 => key.to_uppercase(),
        5 => key.chars().skip(1).collect(),
        6 => key.chars().take(64).collect(),
        _ => secret(rng),
    };
    match Secret::new(&other) {
        Ok(_) => other,
        Err(_) => key,
    }
}

fn document(rng: &mut Rng, max_body: usize) -> Vec<u8> {
    if max_body <= 2000 && rng.u8(..4) == 0 {
        return about_as_long_as(rng, max_body);
    }
    let mut any = Generator::for_case(rng.u64(..), 0).document();
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

/// What a timestamp must not be (D4), though a sender could sign it.
fn nonsense(rng: &mut Rng, text: &str) -> String {
    match rng.u8(..16) {
        0 => String::new(),
        1 => format!("+{text}"),
        2 => format!("-{text}"),
        3 => format!("{text}.5"),
        4 => format!("{text}e0"),
        5 => format!(" {text}"),
        6 => format!("{text}\t"),
        7 => format!("0x{text}"),
        8 => format!("{text:0>21}"),
        9 => "18446744073709551616".to_owned(),
        10 => "99999999999999999999".to_owned(),
        11 => format!("{text}, {text}"),
        12 => text.replace('0', "O"),
        13 => format!("{text}\u{e9}"),
        14 => format!("{text}\0"),
        _ => "2024-12-23T10:00:00Z".to_owned(),
    }
}

/// The sender's own function. If it were wrong, the judge would refuse all.
fn sign(key: &str, timestamp: &str, body: &[u8]) -> String {
    let signer = Signer::new(Secret::new(key).unwrap());
    let signed = signer.sign_with_timestamp(timestamp, body);
    signed.signature().to_owned()
}

fn damage_body(rng: &mut Rng, body: &mut Vec<u8>) {
    let at = rng.usize(..=body.len());
    match rng.u8(..6) {
        0 => body.insert(at, pick(rng, b" \n0\"\xc3\x00")),
        1 if at < body.len() => drop(body.remove(at)),
        2 if at < body.len() => body[at] ^= 1 << rng.u8(..8),
        3 => body.truncate(at),
        4 => body.extend_from_slice(b" \r\n"),
        _ => drop(body.splice(..0, *b" ")),
    }
}

fn damage_timestamp(rng: &mut Rng, mut timestamp: Vec<u8>) -> Vec<u8> {
    let at = rng.usize(..=timestamp.len());
    match rng.u8(..5) {
        0 => timestamp.insert(at, pick(rng, b"0 1.\xb2")),
        1 if at < timestamp.len() => drop(timestamp.remove(at)),
        2 if at < timestamp.len() => timestamp[at] = rng.u8(b'0'..=b'9'),
        3 => timestamp.insert(0, b'0'),
        _ => timestamp.push(b' '),
    }
    timestamp
}

/// Moves the dot between timestamp and body to the first one in the body. What is
/// hashed stays the same.
fn move_the_dot(timestamp: &mut Vec<u8>, body: &mut Vec<u8>) {
    if let Some(dot) = body.iter().position(|byte| *byte == b'.') {
        let rest = body.split_off(dot);
        timestamp.push(b'.');
        timestamp.extend_from_slice(body);
        *body = rest[1..].to_vec();
    }
}

fn damage_signature(rng: &mut Rng, mut signature: Vec<u8>) -> Vec<u8> {
    if signature.is_empty() {
        return b"v1=".to_vec();
    }
    let at = rng.usize(..signature.len());
    match rng.u8(..14) {
        0..3 => signature[at] = pick(rng, b"0123456789abcdef"),
        3 => signature[at] = rng.u8(..),
        4 => signature.truncate(at),
        5 => signature.make_ascii_uppercase(),
        6 => signature
            .iter_mut()
            .skip(3)
            .for_each(u8::make_ascii_uppercase),
        7 => drop(signature.drain(..3.min(at))),
        8 => drop(signature.splice(..2.min(at), *b"v2")),
        9 => signature = [&signature[..], b",", &signature].concat(),
        10 => signature.insert(at, b' '),
        11 => signature.push(pick(rng, b" \t0\0")),
        12 => signature = [&b"v1="[..], &[b'0'; 64]].concat(),
        _ => signature.clear(),
    }
    signature
}

/// A header is there once. Or else it is not, or more than once.
fn occurrences(rng: &mut Rng, value: Vec<u8>) -> Vec<Vec<u8>> {
    match rng.u8(..60) {
        0 => Vec::new(),
        1 => vec![value.clone(), value],
        2 => vec![value, Vec::new()],
        _ => vec![value],
    }
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

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
