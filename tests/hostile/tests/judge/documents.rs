//! Documents that exercise what the re-serialiser has to get right: spellings of
//! strings and numbers, names that collide or sort, white space, damage.

use proptest::collection::vec;
use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Names that some implementation treats in a way of its own.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "", "a", "b", "ab", "event", "task_id", "data", "url", "__proto__", "constructor", "prototype",
    "toJSON", "length", "hasOwnProperty", "valueOf", "0", "1", "2", "9", "10", "11", "99", "00",
    "01", "-0", "-1", "1.0", "1e3", "0x1", " 1", "NaN", "Infinity", "2147483646", "2147483647",
    "2147483648", "4294967293", "4294967294", "4294967295", "4294967296", "4294967297",
    "8589934592", "9007199254740991", "9007199254740992", "18446744073709551615",
    "18446744073709551616", "99999999999999999999", "\u{e9}", "e\u{301}", "\u{1f600}", "\u{661}",
];

/// Where the notation or the value changes.
#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "0", "-0", "0.0", "-0.0e0", "1", "-1", "1.0", "10", "0.1", "1e0", "1E1", "1e+2", "1E-2",
    "1e20", "1e21", "1e22", "1e-5", "1e-6", "1e-7", "999999999999999", "1000000000000000",
    "9007199254740991", "9007199254740992", "9007199254740993", "9007199254740995",
    "4503599627370497.5", "99999999999999999999", "123456789012345678901234567890",
    "100000000000000000000", "999999999999999999999", "1e308", "1e309", "-1e400", "1e-323",
    "5e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-400", "-1e-400",
    "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308",
    "2.2250738585072014e-308", "2.2250738585072011e-308", "1e99999999999999999999",
    "1e-99999999999999999999", "0e99999999999999999999",
];

#[rustfmt::skip]
const PLAIN: &[char] = &[
    'a', 'z', '0', ' ', '/', '<', '&', '\'', '{', '[', ',', ':', '\u{7f}', '\u{80}', '\u{a0}',
    '\u{e9}', '\u{301}', '\u{7ff}', '\u{800}', '\u{2028}', '\u{2029}', '\u{d7ff}', '\u{e000}',
    '\u{feff}', '\u{fffd}', '\u{ffff}', '\u{10000}', '\u{1f600}', '\u{10ffff}',
];

/// Bytes that mean something in JSON.
const TELLING: &[u8] = b"\"\\{}[]:,0-+.eEu \n\t\r\x0b\x00\x1ftn/d8";

/// Equal seeds make equal documents.
pub(crate) fn generate(seed: u64) -> Vec<u8> {
    thread_local!(static DOCUMENTS: BoxedStrategy<Vec<u8>> = document().boxed());
    let seed = [seed; 2].map(u64::to_le_bytes).concat();
    let random = TestRng::from_seed(RngAlgorithm::XorShift, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    DOCUMENTS.with(|documents| documents.new_tree(&mut runner).unwrap().current())
}

fn document() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![3 => select(TELLING), 1 => any::<u8>()];
    let damage = vec((0..6, any::<Index>(), byte, 0_usize..12), 1..=3);
    let damages = prop_oneof![4 => Just(vec![]), 1 => damage];
    let text = spaced(prop_oneof![60 => value(), 1 => nested()]);
    (text, damages).prop_map(|(text, damages)| {
        let mut body = text.into_bytes();
        for (kind, at, byte, len) in damages {
            let at = at.index(body.len() + 1);
            match kind {
                0 => body.truncate(at),
                1 => body.insert(at, byte),
                2 if at < body.len() => body[at] = byte,
                3 if at < body.len() => drop(body.remove(at)),
                4 => body.extend_from_within(at..(at + len).min(body.len())),
                5 if len == 0 => drop(body.splice(..0, *b"\xef\xbb\xbf")),
                _ => body.reverse(),
            }
        }
        body
    })
}

fn value() -> impl Strategy<Value = String> {
    let word = select(&["true", "false", "null"][..]).prop_map(String::from);
    let scalar = prop_oneof![1 => word, 2 => number(), 2 => string(content())];
    scalar.prop_recursive(6, 60, 10, |value| {
        let value = spaced(value).boxed();
        let member = (spaced(string(name())), value.clone());
        let member = member.prop_map(|(name, value)| format!("{name}:{value}"));
        let member = member.boxed();
        prop_oneof![
            8 => list("[", vec(value, 0..8), "]"),
            20 => list("{", vec(member.clone(), 0..12), "}"),
            // Sorting has other ways for more than twenty.
            1 => list("{", vec(member, 20..80), "}"),
        ]
    })
}

fn list(
    open: &'static str,
    items: impl Strategy<Value = Vec<String>>,
    close: &'static str,
) -> impl Strategy<Value = String> {
    items.prop_map(move |items| format!("{open}{}{close}", items.join(",")))
}

/// Around the cap, which is 127.
fn nested() -> impl Strategy<Value = String> {
    const LEVELS: &[(&str, &str)] = &[("[", "]"), (r#"{"a":"#, "}"), (r#"{"1":"#, r#","0":0}"#)];
    (vec(select(LEVELS), 120..136), number()).prop_map(|(levels, number)| {
        let open: String = levels.iter().map(|level| level.0).collect();
        let close: String = levels.iter().rev().map(|level| level.1).collect();
        format!("{open}{number}{close}")
    })
}

fn spaced(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    const SPACES: &[&str] = &["", "", "", "", "", "", " ", "\t", "\r\n", "\n \n  "];
    (select(SPACES), text, select(SPACES))
        .prop_map(|(before, text, after)| [before, &text, after].concat())
}

/// Some names come more often, so that they come twice in an object.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(NAMES).prop_map(String::from),
        2 => select(&["a", "b", "0", "1"][..]).prop_map(String::from),
        1 => (0_u8..20).prop_map(|number| number.to_string()),
        1 => "[1-9][0-9]{0,19}",
        1 => content(),
    ]
}

fn content() -> impl Strategy<Value = String> {
    // For each character, prop_oneof! would take most of the time.
    let char = || {
        (0..8, any::<u32>()).prop_map(|(kind, random)| match kind {
            0 => char::from(random as u8 & 0x1f),
            1 => ['"', '\\'][random as usize % 2],
            2 => char::from_u32(random % 0x11_0000).unwrap_or('?'),
            3 | 4 => char::from(b' ' + (random % 95) as u8),
            _ => PLAIN[random as usize % PLAIN.len()],
        })
    };
    let chars = prop_oneof![vec(char(), 0..2), vec(char(), 0..6), vec(char(), 0..30)];
    chars.prop_map(String::from_iter)
}

/// A literal for the content, in one of its many spellings.
fn string(content: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    content.prop_perturb(|content, mut random| {
        let mut one_in = |chances: u32| random.next_u32() % chances == 0;
        let eager = if one_in(3) { 2 } else { 20 };
        let mut text = String::from('"');
        for char in content.chars() {
            let short = match char {
                '"' | '\\' | '/' => Some(char),
                '\u{8}' => Some('b'),
                '\t' => Some('t'),
                '\n' => Some('n'),
                '\u{c}' => Some('f'),
                '\r' => Some('r'),
                _ => None,
            };
            let must = char < ' ' || char == '"' || char == '\\';
            match short {
                _ if !must && !one_in(eager) => text.push(char),
                Some(short) if !one_in(3) => text.extend(['\\', short]),
                _ => {
                    for unit in char.encode_utf16(&mut [0; 2]) {
                        let upper = one_in(2);
                        text.push_str(&match upper {
                            true => format!("\\u{unit:04X}"),
                            false => format!("\\u{unit:04x}"),
                        });
                    }
                }
            }
        }
        if one_in(400) {
            text.push_str(if one_in(2) { "\\ud83D" } else { "\\udC00" });
        }
        text + "\""
    })
}

fn number() -> impl Strategy<Value = String> {
    let float = || POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO;
    // An odd integer between two floats, and perhaps a hair more: rounding must look at
    // every digit.
    let hair = prop_oneof![
        Just(String::new()),
        (35_usize..900).prop_map(|zeros| format!(".{}1", "0".repeat(zeros))),
    ];
    let halfway = ((1_u64 << 52)..(1 << 53), 0..60, hair)
        .prop_map(|(float, shift, hair)| format!("{}{hair}", (u128::from(float) * 2 + 1) << shift));
    prop_oneof![
        3 => select(NUMBERS).prop_map(String::from),
        3 => "-?(0|[1-9][0-9]{0,29})",
        1 => float().prop_map(|float| float.to_string()),
        1 => SUBNORMAL.prop_map(|float| float.to_string()),
        1 => (float(), 0_usize..25).prop_map(|(float, digits)| format!("{float:.digits$e}")),
        1 => halfway,
        1 => "-?[1-9][0-9]{0,17}\\.[0-9]{1,6}",
        1 => "-?[1-9][0-9]{0,18}[eE][+-]?[0-3]?[0-9]{1,2}",
    ]
}
