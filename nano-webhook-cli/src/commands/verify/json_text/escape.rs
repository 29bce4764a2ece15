//! Characters as escapes, and escapes as characters.

use std::fmt::Write as _;

use super::JsonText;

impl JsonText<'_> {
    /// With certain characters in strings escaped that were literal.
    pub(in super::super) fn escaped(self, style: Escape) -> String {
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
    pub(in super::super) fn unescaped(self) -> String {
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
}

/// A text inside a JSON string that is ASCII only, as Python writes it.
pub(in super::super) fn ascii_string(text: &str) -> Option<Vec<u8>> {
    let json = serde_json::to_string(text).ok()?;
    let ascii = JsonText(&json).escaped(Escape::Unicode);
    let inner = ascii.strip_prefix('"')?.strip_suffix('"')?;
    Some(inner.as_bytes().to_vec())
}

/// Which characters a program writes as escapes although it need not.
#[derive(Clone, Copy)]
pub(in super::super) enum Escape {
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
