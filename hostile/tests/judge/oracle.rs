//! What a receiver must say, from the judgement and from the known differences.
//!
//! It is written from DESIGN.md, not from the code: it shares nothing with the
//! crates under test.

use crate::case::Case;
use crate::node::Judgement;
use crate::scan::Scan;

/// Nesting that is still accepted (D2).
const DEPTH: usize = 127;

/// From here on a timestamp is in milliseconds (D4).
const MILLISECONDS: u128 = 100_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The bytes of the body are what was signed (D1).
    Raw,
    /// Or else their `JSON.stringify(JSON.parse(body))` text is (D2).
    Reserialized,
}

impl Mode {
    pub(crate) const ALL: [Self; 2] = [Self::Raw, Self::Reserialized];
}

/// What a receiver must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The signature is right: that of this secret, over the body or its text.
    Accepted { secret: usize, over: Mode },
    /// It is refused with this code.
    Refused(&'static str),
}

/// Why we refuse what the documented function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Difference {
    /// A signature header twice (D5).
    Duplicate,
    /// A missing header: the function hashes `undefined`.
    Missing,
    /// D4: the timestamp is not 1 to 20 digits that fit in 64 bits.
    Timestamp,
    /// D4: outside the window.
    Window,
    /// Longer than the receiver takes.
    Limit,
    /// D2: not UTF-8. Node parses what a replacing decoder makes of it.
    NotUtf8,
    /// D2: half a surrogate pair.
    LoneSurrogate,
    /// D2: nested more than 127 deep.
    Depth,
    /// D2: the text is longer than the receiver takes, the body is not.
    TextLimit,
}

/// What must be said of a delivery, and the known difference if that is not what
/// the documented function says.
pub(crate) fn expect(
    case: &Case,
    judgement: &Judgement,
    mode: Mode,
) -> (Expected, Option<Difference>) {
    let judged = match mode {
        Mode::Raw => judgement.raw.contains(&true),
        Mode::Reserialized => {
            judgement.raw.contains(&true) || judgement.reserialized.contains(&true)
        }
    };
    let refused = |code, difference| (Expected::Refused(code), judged.then_some(difference));

    let (timestamp, signature) = match (&*case.timestamps, &*case.signatures) {
        ([_, _, ..], _) | (_, [_, _, ..]) => {
            return refused("duplicate_header", Difference::Duplicate);
        }
        ([timestamp], [signature]) => (timestamp, signature),
        _ => return refused("missing_header", Difference::Missing),
    };
    let Some(signed_at) = milliseconds(timestamp) else {
        return refused("malformed_timestamp", Difference::Timestamp);
    };
    if !is_signature(signature) {
        assert!(!judged, "the documented check compares with ===");
        return (Expected::Refused("malformed_signature"), None);
    }
    let now = u128::from(case.now_ms);
    if signed_at + u128::from(case.settings.past_ms) < now
        || signed_at > now + u128::from(case.settings.future_ms)
    {
        return refused("timestamp_out_of_tolerance", Difference::Window);
    }
    if case.body.len() > case.settings.max_body {
        return refused("body_too_large", Difference::Limit);
    }
    if let Some(secret) = judgement.raw.iter().position(|matches| *matches) {
        let over = Mode::Raw;
        return (Expected::Accepted { secret, over }, None);
    }
    let Some(secret) = judgement.reserialized.iter().position(|matches| *matches) else {
        return (Expected::Refused("signature_mismatch"), None);
    };
    if mode == Mode::Raw {
        return (Expected::Refused("signature_mismatch"), None);
    }
    match reserialized_difference(case, judgement) {
        Some(difference) => refused("signature_mismatch", difference),
        None => {
            let over = Mode::Reserialized;
            (Expected::Accepted { secret, over }, None)
        }
    }
}

fn reserialized_difference(case: &Case, judgement: &Judgement) -> Option<Difference> {
    let Ok(text) = std::str::from_utf8(&case.body) else {
        return Some(Difference::NotUtf8);
    };
    let scan = Scan::of(text);
    if scan.lone_surrogate {
        Some(Difference::LoneSurrogate)
    } else if scan.depth > DEPTH {
        Some(Difference::Depth)
    } else if judgement.text_len.unwrap() > case.settings.max_body {
        Some(Difference::TextLimit)
    } else {
        None
    }
}

/// D4: 1 to 20 ASCII digits that fit in 64 bits; small ones are seconds. As the
/// receiver keeps time in 64 bits of milliseconds, later ones are its last.
fn milliseconds(timestamp: &[u8]) -> Option<u128> {
    if !(1..=20).contains(&timestamp.len()) || !timestamp.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value: u128 = std::str::from_utf8(timestamp).unwrap().parse().unwrap();
    match value {
        0..MILLISECONDS => Some(value * 1000),
        _ if value <= u128::from(u64::MAX) => Some(value),
        _ => None,
    }
}

/// D3: `v1=` and 64 lower-case hex digits.
fn is_signature(signature: &[u8]) -> bool {
    signature.len() == 67
        && signature.starts_with(b"v1=")
        && signature[3..]
            .iter()
            .all(|digit| b"0123456789abcdef".contains(digit))
}
