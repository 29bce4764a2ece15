//! Receivers with any settings, and senders whose secret is theirs or looks like it.

use fastrand::Rng;
use nano_webhook_core::Secret;

use crate::case::Settings;
use crate::draft::pick;

/// Any receiver.
pub(crate) fn settings(rng: &mut Rng) -> Settings {
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
        2 => {
            // A blank one is no secret.
            let letter = rng.alphabetic();
            (1..len).map(|_| rng.char(..)).chain([letter]).collect()
        }
        3 => format!("{}\u{1f34c}\u{e9}e\u{301}", rng.u32(..)),
        4 => {
            let (before, after) = (pick(rng, &["", " ", "\n"]), pick(rng, &[" ", "\r\n", "\t"]));
            format!("{before}{}{after}", rng.u32(..))
        }
        _ => format!("your-secret-key{}", pick(rng, &["", "\0", "!", "\u{301}"])),
    }
}

/// Usually one of the receiver's secrets; else one that looks like it.
pub(crate) fn key(rng: &mut Rng, secrets: &[String]) -> String {
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
