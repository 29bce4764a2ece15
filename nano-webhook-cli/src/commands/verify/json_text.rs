//! JSON as other programs print it, token by token: the order of members, the
//! digits of numbers and all that is not being changed stay as they are.

use std::fmt::Write as _;

use serde::de::IgnoredAny;
use serde_json::Value;

/// A text that is JSON.
#[derive(Clone, Copy)]
pub(super) struct JsonText<'a>(&'a str);

impl<'a> JsonText<'a> {
    pub(super) fn new(text: &'a str) -> Option<Self> {
        serde_json::from_str::<IgnoredAny>(text)
            .is_ok()
            .then_some(Self(text))
    }

    /// Without white space between tokens.
    pub(super) fn compact(self) -> String {
        self.outside_strings(|character, out| {
            if !character.is_ascii_whitespace() {
                out.push(character);
            }
        })
    }

    /// One line with a space after `,` and `:`, as Python's `json.dumps`.
    pub(super) fn spaced(self) -> String {
        let compact = self.compact();
        JsonText(&compact).outside_strings(|character, out| {
            out.push(character);
            if matches!(character, ',' | ':') {
                out.push(' ');
            }
        })
    }

    /// A line for each member, as `JSON.stringify(value, null, unit)`, `jq` and
    /// Python's `indent`.
    pub(super) fn indented(self, unit: &str) -> String {
        let compact = self.compact();
        let mut depth = 0_usize;
        let mut previous = ' ';
        JsonText(&compact).outside_strings(|character, out| {
            let line = |depth: usize, out: &mut String| {
                out.push('\n');
                for _ in 0..depth {
                    out.push_str(unit);
                }
            };
            match character {
                '}' | ']' => {
                    depth = depth.saturating_sub(1);
                    if !matches!(previous, '{' | '[') {
                        line(depth, out);
                    }
                    out.push(character);
                }
                _ => {
                    if matches!(previous, '{' | '[') {
                        line(depth, out);
                    }
                    out.push(character);
                    match character {
                        '{' | '[' => depth = depth.saturating_add(1),
                        ',' => line(depth, out),
                        ':' => out.push(' '),
                        _ => {}
                    }
                }
            }
            previous = character;
        })
    }

    /// With certain characters in strings escaped that were literal.
    pub(super) fn escaped(self, style: Escape) -> String {
        let mut out = String::with_capacity(self.0.len());
        let mut characters = self.0.chars();
        let mut in_string = false;
        while let Some(character) = characters.next() {
            match character {
                '"' => {
                    in_string = !in_string;
                    out.push(character);
                }
                '\\' if in_string => {
                    out.push(character);
                    out.extend(characters.next());
                }
                _ if in_string && style.applies(character) => style.write(character, &mut out),
                _ => out.push(character),
            }
        }
        out
    }

    /// With `\u` escapes beyond ASCII, and `\/`, written literally.
    pub(super) fn unescaped(self) -> String {
        let mut out = String::with_capacity(self.0.len());
        let mut rest = self.0;
        while let Some(position) = rest.find('\\') {
            let (before, escape) = rest.split_at(position);
            out.push_str(before);
            let (literal, length) = read_escape(escape);
            match literal {
                Some(character) => out.push(character),
                None => out.push_str(escape.get(..length).unwrap_or(escape)),
            }
            rest = escape.get(length..).unwrap_or_default();
        }
        out.push_str(rest);
        out
    }

    /// With the members of every object in alphabetical order, compact.
    pub(super) fn sorted(self) -> Option<String> {
        let value = serde_json::from_str(self.0).ok()?;
        let mut out = String::with_capacity(self.0.len());
        write_members(&value, &|_| 0, &mut out);
        Some(out)
    }

    /// With the members in the order of the provider's example, those that are
    /// not in it after them; compact.
    pub(super) fn in_documented_order(self) -> Option<String> {
        let value = serde_json::from_str(self.0).ok()?;
        let mut out = String::with_capacity(self.0.len());
        write_members(&value, &documented_position, &mut out);
        Some(out)
    }

    /// Rewrites what is outside of strings, character by character. The quote
    /// that ends a string is what `change` sees of it.
    fn outside_strings(self, mut change: impl FnMut(char, &mut String)) -> String {
        let mut out = String::with_capacity(self.0.len());
        let mut characters = self.0.chars();
        while let Some(character) = characters.next() {
            change(character, &mut out);
            if character != '"' {
                continue;
            }
            while let Some(inner) = characters.next() {
                out.push(inner);
                match inner {
                    '\\' => out.extend(characters.next()),
                    '"' => break,
                    _ => {}
                }
            }
        }
        out
    }
}

/// Which characters a program writes as escapes although it need not.
#[derive(Clone, Copy)]
pub(super) enum Escape {
    /// Beyond ASCII, as Python's and PHP's default: `\u00e9`.
    Unicode,
    /// The same in upper case: `\u00E9`.
    UnicodeUpper,
    /// `/` as `\/`, as PHP's default.
    Slash,
    /// `<`, `>` and `&`, as Go's default.
    Html,
}

impl Escape {
    fn applies(self, character: char) -> bool {
        match self {
            Self::Unicode | Self::UnicodeUpper => !character.is_ascii(),
            Self::Slash => character == '/',
            Self::Html => matches!(character, '<' | '>' | '&' | '\u{2028}' | '\u{2029}'),
        }
    }

    fn write(self, character: char, out: &mut String) {
        if matches!(self, Self::Slash) {
            out.push('\\');
            out.push(character);
            return;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = match self {
                Self::UnicodeUpper => write!(out, "\\u{unit:04X}"),
                _ => write!(out, "\\u{unit:04x}"),
            };
        }
    }
}

/// The character of an escape at the beginning of a text if it need not be one,
/// and the length of the escape.
fn read_escape(text: &str) -> (Option<char>, usize) {
    if text.starts_with("\\/") {
        return (Some('/'), 2);
    }
    let Some(high) = read_unit(text) else {
        // Two characters, of which the second may be longer than a byte.
        let length = text.chars().take(2).map(char::len_utf8).sum();
        return (None, length);
    };
    let low = text.get(6..).and_then(read_unit);
    let pair = [high, low.unwrap_or_default()];
    let (units, length) = match (high, low) {
        (0xd800..=0xdbff, Some(0xdc00..=0xdfff)) => (pair.as_slice(), 12),
        _ => (pair.get(..1).unwrap_or_default(), 6),
    };
    match char::decode_utf16(units.iter().copied()).next() {
        Some(Ok(character)) if !character.is_ascii() || matches!(character, '<' | '>' | '&') => {
            (Some(character), length)
        }
        _ => (None, length),
    }
}

fn read_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

fn write_members(value: &Value, position: &dyn Fn(&str) -> usize, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| (position(name), name.as_str()));
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                let _ = write!(out, "{}:", Value::from(name.as_str()));
                write_members(value, position, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_members(item, position, out);
            }
            out.push(']');
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

/// `url` and `credits_charged` stand inside `data`, so one list will do.
fn documented_position(name: &str) -> usize {
    [
        "event",
        "task_id",
        "task_type",
        "status",
        "data",
        "url",
        "error",
        "credits_charged",
        "timestamp",
    ]
    .iter()
    .position(|known| *known == name)
    .unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Escape, JsonText};

    const TEXT: &str = r#"{ "a" : [1.0, {}, [] ,"x: \"y\", é🍌/&"],
        "b":{"d":null ,"c":true} }"#;

    fn json(text: &str) -> JsonText<'_> {
        JsonText::new(text).unwrap()
    }

    #[test]
    fn white_space() {
        let compact = r#"{"a":[1.0,{},[],"x: \"y\", é🍌/&"],"b":{"d":null,"c":true}}"#;
        assert_eq!(json(TEXT).compact(), compact);
        assert_eq!(json(compact).compact(), compact);
        assert_eq!(
            json(TEXT).spaced(),
            r#"{"a": [1.0, {}, [], "x: \"y\", é🍌/&"], "b": {"d": null, "c": true}}"#
        );
        assert_eq!(
            json(TEXT).indented("  "),
            "{\n  \"a\": [\n    1.0,\n    {},\n    [],\n    \"x: \\\"y\\\", é🍌/&\"\n  ],\n  \"b\": {\n    \"d\": null,\n    \"c\": true\n  }\n}"
        );
    }

    #[test]
    fn escapes() {
        for (style, text, escaped) in [
            (
                Escape::Unicode,
                "\"aé🍌\\n\\\\é\"",
                "\"a\\u00e9\\ud83c\\udf4c\\n\\\\\\u00e9\"",
            ),
            (Escape::UnicodeUpper, "[\"é\"]", "[\"\\u00E9\"]"),
            (Escape::Slash, "\"a/b\\/\"", "\"a\\/b\\/\""),
            (Escape::Html, "\"<&>/\"", "\"\\u003c\\u0026\\u003e/\""),
        ] {
            assert_eq!(json(text).escaped(style), escaped);
        }
        for (text, unescaped) in [
            ("\"\\u00e9\\ud83c\\udf4c\\/\\u0026\"", "\"é🍌/&\""),
            ("\"\\\\u00e9\\n\\u0022\"", "\"\\\\u00e9\\n\\u0022\""),
            ("\"\\ud83cx\"", "\"\\ud83cx\""),
            ("\"é\"", "\"é\""),
        ] {
            assert_eq!(JsonText(text).unescaped(), unescaped, "{text}");
        }
    }

    #[test]
    fn order() {
        assert_eq!(
            json(r#"{"b":1,"a":{"d":1,"c":2.50}}"#).sorted().unwrap(),
            r#"{"a":{"c":2.5,"d":1},"b":1}"#
        );
        assert_eq!(
            json(r#"{"data":{"credits_charged":6,"url":"u"},"event":"e","x":1,"task_id":"t"}"#)
                .in_documented_order()
                .unwrap(),
            r#"{"event":"e","task_id":"t","data":{"url":"u","credits_charged":6},"x":1}"#
        );
    }

    #[test]
    fn only_json() {
        for text in ["", "{", "{}{}", "'a'"] {
            assert!(JsonText::new(text).is_none(), "{text}");
        }
    }
}
