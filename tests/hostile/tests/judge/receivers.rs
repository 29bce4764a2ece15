//! Receivers with any settings, senders whose secret is theirs or looks like it, and bodies in
//! the shape of the documented events.

use fastrand::Rng;
use nano_webhook_core::Secret;
use nano_webhook_test_kit::oracle::head::Limits;

use crate::draft::pick;

/// Any receiver: its secrets and limits.
pub(crate) fn any(rng: &mut Rng) -> (Vec<String>, Limits) {
    let bound = |rng: &mut Rng| match rng.u8(..8) {
        0 => pick(rng, &[0, 1, 999, 60_001]),
        _ => 300_000,
    };
    let limits = Limits {
        now_ms: 0,
        past_ms: bound(rng),
        future_ms: bound(rng),
        max_body: match rng.u8(..8) {
            0 => pick(rng, &[100, 400, 2000]),
            _ => 256 * 1024,
        },
    };
    ((0..rng.usize(1..=3)).map(|_| secret(rng)).collect(), limits)
}

/// Secrets of every kind; some that differ in little, and pairs that HMAC cannot
/// tell apart (a key is padded with NUL).
pub(crate) fn secret(rng: &mut Rng) -> String {
    let lengths = [1, 8, 16, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000];
    let len = pick(rng, &lengths);
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

const MEMBERS: &[&str] = &[
    r#""task_type": "image""#,
    r#""task_type": "\u0076ideo""#,
    r#""status": "completed""#,
    r#""timestamp": "2024-12-23T10:00:00Z""#,
    r#""error": {"code": 7, "message": "quote \" and \\ back"}"#,
    r#""1": "line\nbreak\ttab""#,
    r#""0": "\/script\u2028""#,
    r#""__proto__": 6.0"#,
    r#""toJSON": 1e400"#,
    r#""retry": 12345678901234567890"#,
    r#""retry": -0.0"#,
    r#""\u0072etry": 1E+2"#,
];

/// A completed, a failed or an unknown event. `extra` is a document that may stand in it as
/// a value.
pub(crate) fn event(rng: &mut Rng, extra: &str) -> String {
    let names = ["completed", "completed", "failed", "progress"];
    let name = format!("job.{}", pick(rng, &names));
    let url = "https://cdn.example.com/a?b=c&d=%C3%A9#\u{fc}\u{1f34c}";
    let data = format!(r#"{{"url": "{url}", "credits_charged": 1.50, "more": {extra}}}"#);
    let mut members = vec![
        format!(r#""event": "{name}""#),
        format!(r#""task_id": "task_{}""#, rng.u32(..1000)),
        format!(r#""data": {data}"#),
    ];
    for _ in 0..rng.usize(..6) {
        members.push(pick(rng, MEMBERS).to_owned());
    }
    if rng.bool() {
        rng.shuffle(&mut members);
    }
    let layouts = [
        ("{", ",", "}"),
        ("{\n  ", ",\n  ", "\n}\n"),
        ("{\r\n\t", " ,\r\n\t", "\r\n}"),
    ];
    let (open, comma, close) = pick(rng, &layouts);
    let text = format!("{open}{}{close}", members.join(comma));
    match rng.bool() {
        true => text,
        // As `JSON.stringify` writes it, or nearly.
        false => text.replace("\": ", "\":"),
    }
}
