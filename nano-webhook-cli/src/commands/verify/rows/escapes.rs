//! Escapes of HTML, URLs, JSON, C, shells and mail, read.

/// `%2B`; `+` as itself, and as a space.
pub(super) fn percent_decoded(text: &[u8]) -> Vec<Vec<u8>> {
    let plain = |text: &[u8]| {
        decoded(text, b'%', |escape| {
            let byte = hex::decode(escape.get(1..3)?).ok()?;
            Some((byte, 3))
        })
    };
    let mut candidates = plain(text);
    if text.contains(&b'+') {
        let spaced: Vec<u8> = text
            .iter()
            .map(|byte| if *byte == b'+' { b' ' } else { *byte })
            .collect();
        candidates.extend(plain(&spaced));
        candidates.push(spaced);
    }
    candidates
}

/// `\n`, `\"`, `\u00e9`, `\x26`, `\046`, and a backslash before any other character.
pub(super) fn unescaped(text: &[u8]) -> Vec<Vec<u8>> {
    // \xe9 is a byte to Python and C, and a character to JavaScript.
    [false, true]
        .into_iter()
        .flat_map(|as_character| {
            decoded(text, b'\\', |escape| {
                let number = |range: std::ops::Range<usize>, radix| {
                    let digits = std::str::from_utf8(escape.get(range)?).ok()?;
                    u32::from_str_radix(digits, radix).ok()
                };
                let character = |code: u32, length| Some((utf8(char::from_u32(code)?), length));
                let plain = |byte: u8| Some((vec![byte], 2));
                match *escape.get(1)? {
                    b'n' => plain(b'\n'),
                    b'r' => plain(b'\r'),
                    b't' => plain(b'\t'),
                    b'b' => plain(8),
                    b'f' => plain(12),
                    b'v' => plain(11),
                    b'e' => plain(27),
                    b'\n' => Some((Vec::new(), 2)),
                    b'u' if escape.get(2) == Some(&b'{') => {
                        let end = escape.iter().take(12).position(|byte| *byte == b'}')?;
                        character(number(3..end, 16)?, end.saturating_add(1))
                    }
                    b'u' => {
                        let high = number(2..6, 16)?;
                        let low = || (escape.get(6..8)? == b"\\u").then(|| number(8..12, 16))?;
                        match (high, low()) {
                            (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) => {
                                character(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), 12)
                            }
                            _ => character(high, 6),
                        }
                    }
                    b'U' => character(number(2..10, 16)?, 10),
                    b'x' => {
                        let code = number(2..4, 16)?;
                        match u8::try_from(code) {
                            Ok(byte) if !as_character => Some((vec![byte], 4)),
                            _ => character(code, 4),
                        }
                    }
                    b'0'..=b'7' => match number(1..4, 8) {
                        Some(code) => u8::try_from(code).ok().map(|byte| (vec![byte], 4)),
                        None => plain(0),
                    },
                    other => plain(other),
                }
            })
        })
        .collect()
}

/// `=3D`, and lines that end with `=`.
pub(super) fn quoted_printable_decoded(text: &[u8]) -> Vec<Vec<u8>> {
    decoded(text, b'=', |escape| match escape.get(1..3)? {
        b"\r\n" => Some((Vec::new(), 3)),
        [b'\n', _] => Some((Vec::new(), 2)),
        digits => Some((hex::decode(digits).ok()?, 3)),
    })
}

/// The characters that templates, shells, SQL and CSV double.
const DOUBLED: &[u8] = b"$%{}'\"\\&@#~";

/// `$$` as `$`, each character by itself, and all.
pub(super) fn halved(text: &[u8]) -> Vec<Vec<u8>> {
    each_and_all(|escapes| {
        decoded_any(text, |rest| match rest {
            [one, other, ..] if one == other && escapes.contains(one) => Some((vec![*one], 2)),
            _ => None,
        })
    })
}

pub(super) fn each_and_all(change: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let each = DOUBLED.chunks(1);
    each.chain([DOUBLED]).flat_map(change).collect()
}

pub(super) fn utf8(character: char) -> Vec<u8> {
    character.to_string().into_bytes()
}

/// Replaces each escape that `read` understands, given the text from `mark` on. No
/// candidate if it understands none.
pub(super) fn decoded(
    text: &[u8],
    mark: u8,
    read: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>,
) -> Vec<Vec<u8>> {
    decoded_any(text, |rest| {
        (rest.first() == Some(&mark)).then(|| read(rest))?
    })
}

fn decoded_any(text: &[u8], read: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>) -> Vec<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut changed = false;
    while let Some((first, after)) = rest.split_first() {
        match read(rest) {
            Some((bytes, length)) => {
                changed = true;
                out.extend(bytes);
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    changed.then_some(out).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::escaping::{doubled, escaped, percent_encoded};
    use super::super::html::{html_decoded, html_encoded};
    use super::*;

    #[test]
    fn escapes_are_read() {
        let table: &[(super::super::Undo, &str, &str)] = &[
            (
                html_decoded,
                "a&amp;b&#39;&#x2F;&lt;&nope;&",
                "a&b'/<&nope;&",
            ),
            (percent_decoded, "a%2Bb%zz%", "a+b%zz%"),
            (percent_decoded, "a+b%3d", "a b="),
            (
                unescaped,
                r#"a\n\"\/\$\u00e9\ud83c\udf4c\\"#,
                "a\n\"/$é🍌\\",
            ),
            (unescaped, r"\x26\046\u{e9}\xe9", "&&éé"),
            (unescaped, r"\xc3\xa9", "é"),
            (quoted_printable_decoded, "a=3Db=\r\nc", "a=bc"),
            (halved, "a$$b%%", "a$b%"),
        ];
        for (read, text, expected) in table {
            let candidates = read(text.as_bytes());
            assert!(candidates.contains(&expected.as_bytes().to_vec()), "{text}");
        }
        for read in [
            html_decoded,
            percent_decoded,
            unescaped,
            quoted_printable_decoded,
            halved,
        ] {
            assert!(read(b"plain").is_empty());
        }
    }

    /// What is written reads back as what it was.
    #[test]
    fn escapes_are_written() {
        let text = br#"a&b<"c'/ $x=%+"#;
        let pairs: [(super::super::Undo, super::super::Undo); 4] = [
            (html_encoded, html_decoded),
            (percent_encoded, percent_decoded),
            (escaped, unescaped),
            (doubled, halved),
        ];
        for (write, read) in pairs {
            for written in write(text) {
                let same = read(&written).contains(&text.to_vec());
                assert!(same, "{}", String::from_utf8_lossy(&written));
            }
        }
    }
}
