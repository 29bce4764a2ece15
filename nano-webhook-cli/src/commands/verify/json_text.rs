//! JSON as other programs print it, token by token: the order of members, the
//! digits of numbers and all that is not being changed stay as they are.

mod escape;
mod order;

use serde::de::IgnoredAny;

pub(super) use self::escape::{Escape, ascii_string};

/// What is printed larger than this is cut off.
const LARGEST: usize = 4 * 1024 * 1024;

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
            // A hostile body can be all indentation.
            if out.len() > LARGEST {
                return;
            }
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
