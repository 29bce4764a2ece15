//! JSON as the programs print it that parse a body and write it again. What is not
//! changed stays as it is: the order of members, the digits of numbers.

use nano_webhook_core::reserialize;
use serde_json::value::RawValue;
use serde_json::{Deserializer, Value};

use super::Out;
use super::json::{DEEPEST, members};

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

/// The escape of a character, unless it stands for itself.
type Escapes = fn(char) -> Option<String>;

const LITERAL: Escapes = |_| None;

/// All beyond ASCII, as Python's default: `\u00e9`.
pub(super) const ASCII: Escapes = |character| (!character.is_ascii()).then(|| escape(character));

/// The same in upper case: `\u00E9`.
const UPPER: Escapes = |character| Some(ASCII(character)?.to_uppercase().replace('U', "u"));

const SLASH: Escapes = |character| (character == '/').then(|| "\\/".to_owned());

/// PHP's default.
const ASCII_SLASH: Escapes = |character| ASCII(character).or_else(|| SLASH(character));

/// Go's default.
const HTML: Escapes = |character| {
    let is_escape = "<>&\u{2028}\u{2029}".contains(character);
    is_escape.then(|| escape(character))
};

/// The default settings of common languages, unless another row has them: Python's
/// `json.dumps` and PHP's `json_encode` without and with indentation, Go's `json.Marshal`.
const PROGRAMS: &[(White, Escapes)] = &[
    (White::Compact, LITERAL),
    (White::Spaced, LITERAL),
    (White::Lines("  "), LITERAL),
    (White::Lines("    "), LITERAL),
    (White::Spaced, ASCII),
    (White::Lines("  "), ASCII),
    (White::Lines("    "), ASCII),
    (White::Lines("    "), ASCII_SLASH),
    (White::Compact, ASCII_SLASH),
    (White::Compact, HTML),
];

pub(super) fn white_space(json: &str, out: &mut Out) {
    let lines = ["  ", "    ", "\t", " "].map(White::Lines);
    for white in [White::Compact, White::Spaced].into_iter().chain(lines) {
        out.all(print(json, white, str::to_owned));
    }
}

pub(super) fn unicode_escapes(json: &str, out: &mut Out) {
    for escapes in [LITERAL, ASCII_SLASH, ASCII, UPPER, SLASH, HTML] {
        out.all(print(json, White::Kept, |token| respelled(token, escapes)));
    }
}

/// Also numbers in another notation, and members given twice.
pub(super) fn reserialized(json: &str, out: &mut Out) {
    let numbers: [fn(&str) -> String; 3] = [str::to_owned, with_fraction, without_fraction];
    for number in numbers {
        in_other_languages(print(json, White::Kept, number), out);
    }
    out.all(reserialize(json.as_bytes(), usize::MAX));
}

pub(super) fn member_order(json: &str, out: &mut Out) {
    // As in the provider's example, members that are not in it last; then by name only.
    // `url` and `credits_charged` stand inside `data`, so one list will do.
    #[rustfmt::skip]
    let documented = [
        "event", "task_id", "task_type", "status", "data", "url", "error", "credits_charged",
        "timestamp",
    ];
    for names in [&documented[..], &[]] {
        in_other_languages(Some(ordered(json, names, 0)), out);
    }
}

fn in_other_languages(json: Option<String>, out: &mut Out) {
    for (white, escapes) in PROGRAMS {
        let json = json.as_deref();
        out.all(json.and_then(|json| print(json, *white, |token| respelled(token, *escapes))));
    }
    out.all(json);
}

/// With the strings and numbers that `scalar` makes. `None` if it is not JSON.
fn print(json: &str, white: White, scalar: impl Fn(&str) -> String) -> Option<String> {
    /// A hostile body can be all indentation.
    const LARGEST: usize = 4 * 1024 * 1024;
    let mut out = String::with_capacity(json.len());
    let (mut rest, mut depth, mut previous) = (json, 0_usize, ' ');
    while let Some(first) = rest.chars().next().filter(|_| out.len() <= LARGEST) {
        let (token, after) = rest.split_at_checked(token_length(rest, first)?)?;
        rest = after;
        if first.is_ascii_whitespace() {
            out.push_str(if white == White::Kept { token } else { "" });
            continue;
        }
        let (opened, closes) = (matches!(previous, '{' | '['), matches!(first, '}' | ']'));
        depth = (depth + usize::from(opened)).saturating_sub(usize::from(closes));
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
            '"' | '-' | '0'..='9' => out.push_str(&scalar(token)),
            _ => out.push_str(token),
        }
        previous = first;
    }
    Some(out)
}

/// Of the first token or white space of a JSON text.
fn token_length(text: &str, first: char) -> Option<usize> {
    match first {
        '{' | '}' | '[' | ']' | ',' | ':' => Some(1),
        ' ' | '\n' | '\r' | '\t' => Some(text.len() - text.trim_ascii_start().len()),
        _ => {
            let mut values = Deserializer::from_str(text).into_iter::<&RawValue>();
            Some(values.next()?.ok()?.get().len())
        }
    }
}

/// A string with these escapes. One that cannot be read, as one with half a surrogate
/// pair, stays as it is.
pub(super) fn respelled(token: &str, escapes: Escapes) -> String {
    let Ok(value) = serde_json::from_str::<String>(token) else {
        return token.to_owned();
    };
    let mut out = String::with_capacity(token.len());
    for character in Value::from(value).to_string().chars() {
        match escapes(character) {
            Some(escape) => out.push_str(&escape),
            None => out.push(character),
        }
    }
    out
}

fn escape(character: char) -> String {
    let mut units = [0; 2];
    let units = character.encode_utf16(&mut units).iter();
    units.map(|unit| format!("\\u{unit:04x}")).collect()
}

/// `6.0` for `6`, as programs print floating-point numbers.
fn with_fraction(token: &str) -> String {
    let is_whole = token.parse::<i64>().is_ok();
    format!("{token}{}", if is_whole { ".0" } else { "" })
}

/// `6` for `6.0` and `6.00`.
fn without_fraction(token: &str) -> String {
    let is_digit = |c: char| c == '-' || c == '.' || c.is_ascii_digit();
    match token.contains('.') && token.chars().all(is_digit) {
        true => token.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => token.to_owned(),
    }
}

/// Members in the order of these names, then by name. Deep ones stay as they are.
fn ordered(json: &str, names: &[&str], depth: usize) -> String {
    let Some(mut members) = members(json).filter(|_| depth < DEEPEST) else {
        return json.to_owned();
    };
    members.sort_by_key(|(member, _)| {
        let position = names.iter().position(|name| name == member);
        position.unwrap_or(usize::MAX)
    });
    let is_object = json.trim_ascii_start().starts_with('{');
    let (open, close) = if is_object { ('{', '}') } else { ('[', ']') };
    let members = members.into_iter().map(|(name, value)| {
        let value = ordered(value.get(), names, depth + 1);
        let name = is_object.then(|| format!("{}:", Value::from(name)));
        name.unwrap_or_default() + &value
    });
    format!("{open}{}{close}", members.collect::<Vec<_>>().join(","))
}
