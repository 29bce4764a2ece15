//! The heap that a hostile body takes. DESIGN.md quotes the figures that
//! `cargo test --all-features --test reserialize_cost -- --nocapture` prints.
#![cfg(feature = "reserialized")]
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use nano_webhook_core::reserialize;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The default body limit.
const LIMIT: usize = 256 * 1024;

/// For each byte of the body. `1e20` is the shortest literal of the number that
/// is written the longest.
const WORST_TEXT: f64 = 21.0 / 4.0;
/// The same for the heap, the text included.
const WORST_HEAP: f64 = 23.0;

#[test]
fn a_hostile_body_is_bounded() {
    let array = |item: &str| {
        let rest = format!(",{item}").repeat((LIMIT - item.len() - 2) / (item.len() + 1));
        format!("[{item}{rest}]")
    };
    let object = |count: u32, member: fn(u32) -> String| {
        let members: Vec<String> = (0..count).map(member).collect();
        format!("{{{}}}", members.join(","))
    };
    // One member more than a table holds before it grows to 65,536 buckets.
    let short = |number: u32| {
        let digit = |place| char::from_digit(number / place % 36, 36).unwrap();
        format!("\"{}{}{}\":0", digit(36 * 36), digit(36), digit(1))
    };
    for (name, body) in [
        ("white space", " ".repeat(LIMIT - 1) + "0"),
        ("one string", format!("\"{}\"", r"\n".repeat(LIMIT / 2 - 1))),
        ("1e20", array("1e20")),
        ("1e400", array("1e400")),
        ("swapped pairs", array(r#"{"1":0,"0":0}"#)),
        ("one name", object(32_000, |_| r#""":1e20"#.to_owned())),
        ("short names", object(28_673, short)),
        (
            "array indices",
            object(26_000, |number| format!(r#""{number}":0"#)),
        ),
    ] {
        assert!(body.len() <= LIMIT, "{name}: {} bytes", body.len());
        let before = ALLOCATOR.current_usage();
        ALLOCATOR.reset_peak_usage();
        let text = reserialize(body.as_bytes(), usize::MAX).unwrap();
        let per_byte = |count: usize| count as f64 / body.len() as f64;
        let heap = per_byte(ALLOCATOR.peak_usage() - before);
        let text = per_byte(text.len());
        println!("{name:<14} text {text:5.2}, heap {heap:5.2} bytes for each byte");
        assert!(text <= WORST_TEXT && heap <= WORST_HEAP, "{name}");
    }
}
