//! What can happen to a delivery.

use fastrand::Rng;

use crate::draft::pick;

/// What a timestamp must not be (D4), though a sender could sign it. `#` stands for one.
#[rustfmt::skip]
const NONSENSE: [&str; 16] = [
    "", "+#", "-#", "#.5", "#e0", " #", "#\t", "0x#", "00000000000000000000#", "#O", "#, #",
    "18446744073709551616", "99999999999999999999", "#\u{e9}", "#\0", "2024-12-23T10:00:00Z",
];

pub(crate) fn nonsense(rng: &mut Rng, text: &str) -> String {
    pick(rng, &NONSENSE).replace('#', text)
}

pub(crate) fn damage_body(rng: &mut Rng, body: &mut Vec<u8>) {
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

pub(crate) fn damage_timestamp(rng: &mut Rng, mut timestamp: Vec<u8>) -> Vec<u8> {
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
pub(crate) fn move_the_dot(timestamp: &mut Vec<u8>, body: &mut Vec<u8>) {
    if let Some(dot) = body.iter().position(|byte| *byte == b'.') {
        let rest = body.split_off(dot);
        timestamp.push(b'.');
        timestamp.extend_from_slice(body);
        *body = rest[1..].to_vec();
    }
}

pub(crate) fn damage_signature(rng: &mut Rng, mut signature: Vec<u8>) -> Vec<u8> {
    if signature.is_empty() {
        return b"v1=".to_vec();
    }
    let at = rng.usize(..signature.len());
    match rng.u8(..14) {
        0..3 => signature[at] = pick(rng, b"0123456789abcdef"),
        3 => signature[at] = rng.u8(..),
        4 => signature.truncate(at),
        5 => signature.make_ascii_uppercase(),
        6 => signature[3.min(at)..].make_ascii_uppercase(),
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

/// A header usually occurs once, else not at all or twice.
pub(crate) fn occurrences(rng: &mut Rng, value: Vec<u8>) -> Vec<Vec<u8>> {
    match rng.u8(..60) {
        0 => Vec::new(),
        1 => vec![value.clone(), value],
        2 => vec![value, Vec::new()],
        _ => vec![value],
    }
}
