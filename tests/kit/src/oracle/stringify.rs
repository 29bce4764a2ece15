use std::collections::BTreeMap;

use super::json::{Json, to_f64};

/// `JSON.stringify(JSON.parse(document))`, of a document without lone
/// surrogates.
pub fn stringify(document: &Json<'_>) -> String {
    let mut text = String::new();
    write(document, &mut text);
    text
}

fn write(value: &Json<'_>, text: &mut String) {
    match value {
        Json::Null => text.push_str("null"),
        Json::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Json::Number(literal) => text.push_str(&number(to_f64(literal))),
        Json::String(string) => write_string(string.as_deref().unwrap_or_default(), text),
        Json::Array(items) => write_list('[', items, ']', text, write),
        Json::Object(members) => {
            let members = enumerate(members);
            write_list('{', &members, '}', text, |(name, value), text| {
                write_string(name, text);
                text.push(':');
                write(value, text);
            });
        }
    }
}

fn write_list<T>(
    open: char,
    items: &[T],
    close: char,
    text: &mut String,
    write: impl Fn(&T, &mut String),
) {
    text.push(open);
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        write(item, text);
    }
    text.push(close);
}

/// OrdinaryOwnPropertyKeys: array indices ascending, then names by age. The last
/// value of a name stands.
fn enumerate<'a, 'b>(members: &'b [(Option<String>, Json<'a>)]) -> Vec<(&'b str, &'b Json<'a>)> {
    let mut indices = BTreeMap::new();
    let mut names: Vec<(&str, &Json<'_>)> = Vec::new();
    let mut places = BTreeMap::new();
    for (name, value) in members {
        let name = name.as_deref().unwrap_or_default();
        match name.parse::<u32>() {
            Ok(index) if index != u32::MAX && index.to_string() == name => {
                indices.insert(index, (name, value));
            }
            _ => {
                let place = *places.entry(name).or_insert(names.len());
                match names.get_mut(place) {
                    Some(member) => member.1 = value,
                    None => names.push((name, value)),
                }
            }
        }
    }
    indices.into_values().chain(names).collect()
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for char in string.chars() {
        match char {
            '"' | '\\' => text.extend(['\\', char]),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            '\0'..='\u{1f}' => text.push_str(&format!("\\u{:04x}", char as u32)),
            _ => text.push(char),
        }
    }
    text.push('"');
}

/// Number::toString (ECMA-262, 6.1.6.1.20): as few digits as the standard library
/// needs, and of those the nearest; of two as near, the even ones.
fn number(value: f64) -> String {
    if value.is_infinite() {
        return String::from("null");
    }
    if value == 0.0 {
        return String::from("0");
    }
    let (digits, exponent) = shortest(value.abs());
    let count = i32::try_from(digits.len()).expect("at most 17 digits");
    // The decimal point stands after this many digits.
    let point = exponent + 1;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let unsigned = if (count..=21).contains(&point) {
        format!("{digits}{}", zeros(point - count))
    } else if (1..=21).contains(&point) {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or_default());
        format!("{whole}.{fraction}")
    } else if (-5..=0).contains(&point) {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        format!("{first}{dot}{rest}e{sign}{}", exponent.abs())
    };
    if value < 0.0 {
        format!("-{unsigned}")
    } else {
        unsigned
    }
}

/// The digits, and the exponent of ten of the first.
fn shortest(value: f64) -> (String, i32) {
    let some = format!("{value:e}");
    let (digits, _) = split(&some);
    // With a given number of digits, formatting is exact and breaks ties to even.
    // Below a power of two the nearest can belong to another double.
    let nearest = format!("{value:.*e}", digits.len() - 1);
    if nearest.parse() == Ok(value) {
        split(&nearest)
    } else {
        split(&some)
    }
}

fn split(scientific: &str) -> (String, i32) {
    let (mantissa, exponent) = scientific.split_once('e').expect("{:e} writes an e");
    let exponent = exponent.parse().expect("{:e} writes an integer after it");
    (mantissa.replace('.', ""), exponent)
}
