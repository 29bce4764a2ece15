//! JSON as the programs print it that parse a body and write it again. What is not
//! changed stays as it is: the order of members, the digits of numbers.

use std::fmt::Write as _;

use nano_webhook_core::reserialize;
use serde::de::IgnoredAny;

use super::Out;
use super::json::members;

/// The white space between tokens.
#[derive(Clone, Copy, PartialEq)]
enum White {
    Kept,
    Compact,
    /// A space after `,` and `:`, as Python's `json.dumps`.
    Spaced,
    /// A line for each member, indented.
    Lines(&'static str),
}

/// Which characters of strings are escapes.
#[derive(Clone, Copy, PartialEq)]
enum Strings {
    Kept,
    /// Only those that have to be.
    Literal,
    /// All beyond ASCII, as Python's default: `\u00e9`.
    Ascii,
    /// The same in upper case: `\u00E9`.
    AsciiUpper,
    /// Also `/`, as PHP's default: `\/`.
    AsciiSlash,
    Slash,
    /// `<`, `>` and `&`, as Go's default.
    Html,
}

type Numbers = fn(&str) -> String;

/// The default settings of common languages, unless another row has them: Python's
/// `json.dumps` and PHP's `json_encode` without and with indentation, Go's `json.Marshal`.
const PROGRAMS: &[(White, Strings)] = &[
    (White::Compact, Strings::Literal),
    (White::Spaced, Strings::Literal),
    (White::Lines("  "), Strings::Literal),
    (White::Lines("    "), Strings::Literal),
    (White::Spaced, Strings::Ascii),
    (White::Lines("  "), Strings::Ascii),
    (White::Lines("    "), Strings::Ascii),
    (White::Lines("    "), Strings::AsciiSlash),
    (White::Compact, Strings::AsciiSlash),
    (White::Compact, Strings::Html),
];

pub(super) fn white_space(body: &[u8], out: &mut Out) {
    let lines = ["  ", "    ", "\t", " "].map(White::Lines);
    for white in [White::Compact, White::Spaced].into_iter().chain(lines) {
        out.all(json(body).map(|json| print(json, white, Strings::Kept, str::to_owned)));
    }
}

pub(super) fn unicode_escapes(body: &[u8], out: &mut Out) {
    use Strings::{Ascii, AsciiSlash, AsciiUpper, Html, Literal, Slash};
    for strings in [Literal, AsciiSlash, Ascii, AsciiUpper, Slash, Html] {
        out.all(json(body).map(|json| print(json, White::Kept, strings, str::to_owned)));
    }
}

/// Also numbers in another notation, and members given twice.
pub(super) fn reserialized(body: &[u8], out: &mut Out) {
    if let Some(json) = json(body) {
        in_other_languages(json, out);
        for strings in [Strings::Kept, Strings::Literal] {
            for white in [White::Kept, White::Compact, White::Spaced] {
                let changes = [with_fraction, without_fraction];
                out.all(changes.map(|change| print(json, white, strings, change)));
            }
        }
    }
    out.all(reserialize(body, usize::MAX).ok());
}

pub(super) fn member_order(body: &[u8], out: &mut Out) {
    if let Some(json) = json(body) {
        for position in [documented_position, |_: &str| 0] {
            let mut ordered = String::with_capacity(json.len());
            write_ordered(json, position, 0, &mut ordered);
            in_other_languages(&ordered, out);
            let compact = print(&ordered, White::Compact, Strings::Kept, str::to_owned);
            out.add(compact);
        }
    }
}

fn json(body: &[u8]) -> Option<&str> {
    let text = str::from_utf8(body).ok()?;
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    is_json.then_some(text)
}

fn in_other_languages(json: &str, out: &mut Out) {
    for (white, strings) in PROGRAMS {
        out.add(print(json, *white, *strings, str::to_owned));
    }
}

fn print(json: &str, white: White, strings: Strings, number: Numbers) -> String {
    /// A hostile body can be all indentation.
    const LARGEST: usize = 4 * 1024 * 1024;
    let mut out = String::with_capacity(json.len());
    let (mut rest, mut depth, mut previous) = (json, 0_usize, ' ');
    while let Some((token, first, after)) = token(rest).filter(|_| out.len() <= LARGEST) {
        rest = after;
        if first.is_ascii_whitespace() {
            out.push_str(if white == White::Kept { token } else { "" });
            continue;
        }
        let (opened, closes) = (matches!(previous, '{' | '['), matches!(first, '}' | ']'));
        depth = depth
            .saturating_add(usize::from(opened))
            .saturating_sub(usize::from(closes));
        match white {
            White::Lines(unit) if opened != closes || previous == ',' => {
                out.push('\n');
                out.push_str(&unit.repeat(depth));
            }
            White::Lines(_) if previous == ':' => out.push(' '),
            White::Spaced if matches!(previous, ',' | ':') => out.push(' '),
            _ => {}
        }
        match first {
            '"' => write_string(token, strings, &mut out),
            '-' | '0'..='9' => out.push_str(&number(token)),
            _ => out.push_str(token),
        }
        previous = first;
    }
    out
}

/// The first token or white space of a JSON text, its first character, and the rest.
fn token(text: &str) -> Option<(&str, char, &str)> {
    let first = text.chars().next()?;
    let end = match first {
        '"' => string_end(text),
        '{' | '}' | '[' | ']' | ',' | ':' => Some(1),
        ' ' | '\n' | '\r' | '\t' => text.find(|c: char| !c.is_ascii_whitespace()),
        _ => text.find([',', '}', ']', ' ', '\n', '\r', '\t']),
    };
    let (token, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    Some((token, first, rest))
}

fn string_end(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    end?.checked_add(2)
}

/// A string that cannot be read, as one with half a surrogate pair, stays as it is.
fn write_string(token: &str, style: Strings, out: &mut String) {
    let value = serde_json::from_str::<String>(token).ok();
    let value = value.filter(|_| style != Strings::Kept);
    let Some(literal) = value.map(serde_json::Value::from) else {
        return out.push_str(token);
    };
    for character in literal.to_string().chars() {
        match (style, character) {
            (Strings::AsciiSlash | Strings::Slash, '/') => out.push_str("\\/"),
            (Strings::Ascii | Strings::AsciiSlash | Strings::AsciiUpper, '\u{80}'..)
            | (Strings::Html, '<' | '>' | '&' | '\u{2028}' | '\u{2029}') => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = match style {
                        Strings::AsciiUpper => write!(out, "\\u{unit:04X}"),
                        _ => write!(out, "\\u{unit:04x}"),
                    };
                }
            }
            _ => out.push(character),
        }
    }
}

/// A text inside a JSON string that is ASCII only, as Python writes it.
pub(super) fn ascii_string(text: &str) -> Option<String> {
    let (token, mut json) = (serde_json::to_string(text).ok()?, String::new());
    write_string(&token, Strings::Ascii, &mut json);
    Some(json.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// `6.0` for `6`, as programs print floating-point numbers.
fn with_fraction(number: &str) -> String {
    let is_whole = !number.contains(['.', 'e', 'E']);
    format!("{number}{}", if is_whole { ".0" } else { "" })
}

/// `6` for `6.0` and `6.00`.
fn without_fraction(number: &str) -> String {
    let is_fraction = number.contains('.') && !number.contains(['e', 'E']);
    let short = number.trim_end_matches('0').trim_end_matches('.');
    if is_fraction { short } else { number }.to_owned()
}

/// Members by position, then by name. Deep ones stay as they are: each level is parsed
/// again.
fn write_ordered(json: &str, position: fn(&str) -> usize, depth: usize, out: &mut String) {
    const DEEPEST: usize = 16;
    let Some(mut members) = members(json).filter(|_| depth < DEEPEST) else {
        return out.push_str(json);
    };
    let is_object = json.trim_ascii_start().starts_with('{');
    members.sort_by_key(|(name, _)| position(name));
    out.push(if is_object { '{' } else { '[' });
    for (index, (name, value)) in members.into_iter().enumerate() {
        out.push_str(if index > 0 { "," } else { "" });
        if is_object {
            let _ = write!(out, "{}:", serde_json::Value::from(name));
        }
        write_ordered(value.get(), position, depth.saturating_add(1), out);
    }
    out.push(if is_object { '}' } else { ']' });
}

/// As in the provider's example; members that are not in it come after those.
/// `url` and `credits_charged` stand inside `data`, so one list will do.
fn documented_position(name: &str) -> usize {
    #[rustfmt::skip]
    let names = [
        "event", "task_id", "task_type", "status", "data", "url", "error", "credits_charged",
        "timestamp",
    ];
    let position = names.iter().position(|known| *known == name);
    position.unwrap_or(usize::MAX)
}
