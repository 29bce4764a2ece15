//! What a hostile body costs: how long its text can get, and how much memory
//! the re-serialiser asks for on the way. DESIGN.md quotes the figures that
//!
//! ```text
//! cargo test --release --all-features --test reserialize_cost -- --nocapture
//! ```
//!
//! prints. The times are only printed: a machine's load is not a fault.
#![cfg(feature = "reserialized")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::time::Instant;

use nano_webhook_core::reserialize;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The default body limit.
const LIMIT: usize = 256 * 1024;

/// `1e20` is the shortest literal of the number that is written the longest.
const WORST_AMPLIFICATION: f64 = 21.0 / 4.0;

/// In bytes for each byte of the body, the text included. A vector that has just
/// doubled is counted with the one it was copied from. A member takes 5 bytes at
/// least, twice 12 bytes while its object is open, and 16 to be put in order.
const WORST_MEMORY: f64 = 8.1;

// One test: another thread's allocations would be counted too.
#[test]
fn a_hostile_body_is_bounded() {
    let alone = reserialize(b"1e20", usize::MAX).unwrap();
    assert_eq!(alone.len(), 21);

    println!(
        "{:<34} {:>8} {:>8} {:>8}",
        "body", "text x", "memory x", "ns/byte"
    );
    let mut worst = (0.0_f64, 0.0_f64);
    for (name, body) in bodies() {
        // A vector's size is a matter of luck: just before it doubles it is
        // full, just after it is half empty.
        for percent in (50..=100).step_by(10) {
            let body = body(LIMIT * percent / 100);
            assert!(body.len() <= LIMIT, "{name}: {} bytes", body.len());
            let per_byte = |count: usize| count as f64 / body.len() as f64;

            let before = ALLOCATOR.current_usage();
            ALLOCATOR.reset_peak_usage();
            let text = reserialize(body.as_bytes(), usize::MAX).unwrap();
            let amplification = per_byte(text.len());
            drop(text);

            // As a verifier calls it: the limit is the text's limit too.
            ALLOCATOR.reset_peak_usage();
            let _ = reserialize(body.as_bytes(), body.len());
            let memory = per_byte(ALLOCATOR.peak_usage() - before);

            assert!(
                amplification <= WORST_AMPLIFICATION,
                "{name}: {amplification}"
            );
            assert!(memory <= WORST_MEMORY, "{name}: {memory}");
            worst = (worst.0.max(amplification), worst.1.max(memory));
            if percent == 100 {
                let nanos = fastest(&body) * 1e9 / body.len() as f64;
                println!("{name:<34} {amplification:>8.2} {memory:>8.2} {nanos:>8.1}");
            }
        }
    }
    println!(
        "{:<34} {:>8.2} {:>8.2}",
        "worst of all sizes", worst.0, worst.1
    );
    // Otherwise the bodies are not the hostile ones they are meant to be.
    assert!(worst.0 > 4.3 && worst.1 > 4.0, "{worst:?}");
}

/// The best of a few runs, in seconds.
fn fastest(body: &str) -> f64 {
    let seconds = (0..5).map(|_| {
        let started = Instant::now();
        let text = reserialize(body.as_bytes(), usize::MAX);
        let elapsed = started.elapsed().as_secs_f64();
        drop(text);
        elapsed
    });
    seconds.fold(f64::MAX, f64::min)
}

type Body = Box<dyn Fn(usize) -> String>;

/// Makes bodies of a given length out of what is most expensive for its length.
fn bodies() -> Vec<(&'static str, Body)> {
    let payload = r#"{"event": "job.completed", "task_id": "task_xxx", "task_type": "image", "status": "completed", "data": {"url": "https://cdn.example.com/image.png", "credits_charged": 6}, "timestamp": "2024-12-23T10:00:00Z"}"#;
    vec![
        ("payloads, spaced", array(move |_| payload.into())),
        ("white space", Box::new(|len| " ".repeat(len - 1) + "0")),
        ("one long string", Box::new(|len| quoted("a", len))),
        ("escaped line feeds", Box::new(|len| quoted(r"\n", len))),
        ("escaped controls", Box::new(|len| quoted(r"\u0001", len))),
        ("zeros", array(|_| "0".into())),
        ("1e20", array(|_| "1e20".into())),
        ("smallest denormal", array(|_| "5e-324".into())),
        (
            "17 digits",
            array(|i| format!("{:e}", f64::from_bits(scramble(i) & !(1 << 62)))),
        ),
        // 20 digits that lie between two floats: rounding has to be exact.
        (
            "halfway, smallest exponent",
            array(|_| "24703282292062327208e-343".into()),
        ),
        (
            "halfway, 1e300",
            array(|_| "13393857589828342998e281".into()),
        ),
        (
            "halfway, 700 digits",
            array(|i| {
                format!(
                    "{}{}1",
                    (1_u128 << 53) + 1 + 2 * i as u128,
                    ".".to_owned() + &"0".repeat(700)
                )
            }),
        ),
        ("empty arrays", array(|_| "[]".into())),
        ("empty objects", array(|_| "{}".into())),
        ("swapped pairs", array(|_| r#"{"1":0,"0":0}"#.into())),
        ("doubled names", array(|_| r#"{"":0,"":0}"#.into())),
        ("one name", object(|_| r#""":0"#.into())),
        ("one name, hidden 1e20", object(|_| r#""":1e20"#.into())),
        ("short names", object(|i| format!(r#""{}":0"#, name(i, 3)))),
        (
            "names with a common start",
            object(|i| format!(r#""{}{}":0"#, "a".repeat(12), name(i, 4))),
        ),
        (
            "escaped names",
            object(|i| format!(r#""{}{}":0"#, r"\n".repeat(6), name(i, 3))),
        ),
        (
            "array indices, shuffled",
            object(|i| format!(r#""{}":0"#, scramble(i) % 100_000)),
        ),
        (
            "array indices, backwards",
            object(|i| format!(r#""{}":0"#, 99_999 - i)),
        ),
        (
            "swapped pairs, 120 deep",
            Box::new(|len| {
                let inner = array(|_| r#"{"1":0,"0":0}"#.into())(len - 120 * 12);
                format!(
                    "{}{inner}{}",
                    r#"{"1":"#.repeat(120),
                    r#","0":0}"#.repeat(120)
                )
            }),
        ),
    ]
}

fn array(item: impl Fn(usize) -> String + 'static) -> Body {
    Box::new(move |len| filled(len, ["[", "]"], &item))
}

fn object(member: impl Fn(usize) -> String + 'static) -> Body {
    Box::new(move |len| filled(len, ["{", "}"], &member))
}

fn filled(len: usize, [open, close]: [&str; 2], item: impl Fn(usize) -> String) -> String {
    let mut body = open.to_owned() + &item(0);
    for index in 1.. {
        let item = item(index);
        if body.len() + 1 + item.len() + close.len() > len {
            break;
        }
        body.push(',');
        body.push_str(&item);
    }
    body + close
}

fn quoted(part: &str, len: usize) -> String {
    format!("\"{}\"", part.repeat((len - 2) / part.len()))
}

/// Six bits of a scrambled index in each character.
fn name(index: usize, len: usize) -> String {
    const SIX_BITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits = scramble(index);
    (0..len)
        .map(|at| char::from(SIX_BITS[(bits >> (6 * at)) as usize & 63]))
        .collect()
}

/// A bijection that looks random.
fn scramble(index: usize) -> u64 {
    let z = (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (z ^ (z >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (z >> 32)
}
