//! Escapes of HTML, URLs, JSON, C, shells and mail: read and written.

use super::printed::ascii_string;
use super::{Out, replaced, written};

/// `&amp;`, `&#38;` and `&#x26;`.
pub(super) fn html_decoded(text: &[u8], out: &mut Out) {
    replaced(text, out, |rest| {
        let rest = rest.strip_prefix(b"&")?;
        let length = rest.iter().take(11).position(|byte| *byte == b';')?;
        let name = str::from_utf8(rest.get(..length)?).ok()?;
        let character = match name.strip_prefix('#') {
            Some(number) => {
                let hex = number.strip_prefix(['x', 'X']);
                let code = hex.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16));
                char::from_u32(code.ok()?)?
            }
            None => NAMES.iter().find(|(known, _)| *known == name)?.1,
        };
        Some((character.to_string().into(), length.saturating_add(2)))
    });
}

/// The names of the characters that secrets and JSON contain.
#[rustfmt::skip]
const NAMES: &[(&str, char)] = &[
    ("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", '\u{a0}'),
    ("sol", '/'), ("bsol", '\\'), ("plus", '+'), ("equals", '='), ("num", '#'), ("dollar", '$'),
    ("percnt", '%'), ("excl", '!'), ("commat", '@'), ("lowbar", '_'), ("hyphen", '-'),
    ("colon", ':'), ("semi", ';'), ("comma", ','), ("period", '.'), ("quest", '?'), ("lpar", '('),
    ("rpar", ')'), ("lsqb", '['), ("rsqb", ']'), ("lcub", '{'), ("rcub", '}'), ("lbrack", '['),
    ("rbrack", ']'), ("lbrace", '{'), ("rbrace", '}'), ("ast", '*'), ("grave", '`'), ("Hat", '^'),
    ("vert", '|'), ("Tab", '\t'), ("NewLine", '\n'), ("eacute", 'é'), ("egrave", 'è'),
    ("agrave", 'à'), ("auml", 'ä'), ("ouml", 'ö'), ("uuml", 'ü'), ("szlig", 'ß'),
];

pub(super) fn html_encoded(text: &[u8], out: &mut Out) {
    // For the double quote, the single quote, the slash, the backtick and the equals sign.
    for [quote, single, slash, tick, equals] in [
        ["\"", "'", "/", "`", "="],
        ["&quot;", "'", "/", "`", "="],
        ["&quot;", "&#39;", "/", "`", "="],
        ["&quot;", "&#039;", "/", "`", "="],
        ["&quot;", "&#x27;", "/", "`", "="],
        ["&quot;", "&apos;", "/", "`", "="],
        ["&#34;", "&#39;", "/", "`", "="],
        ["&quot;", "&#39;", "&#x2F;", "&#x60;", "&#x3D;"],
    ] {
        let escapes = ["&amp;", "&lt;", "&gt;", quote, single, slash, tick, equals];
        written(text, out, |byte, out| {
            let mark = b"&<>\"'/`=".iter().position(|mark| *mark == byte);
            match mark.and_then(|at| escapes.get(at)) {
                Some(escape) => out.extend(escape.bytes()),
                None => out.push(byte),
            }
        });
    }
}

pub(super) fn plus_as_space(text: &[u8]) -> Vec<u8> {
    let space = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
    text.iter().map(space).collect()
}

/// `%2B`; `+` as itself, and as a space.
pub(super) fn percent_decoded(text: &[u8], out: &mut Out) {
    let spaced = plus_as_space(text);
    for text in [text, &spaced] {
        replaced(text, out, |rest| {
            let digits = rest.strip_prefix(b"%")?.get(..2)?;
            Some((hex::decode(digits).ok()?, 3))
        });
    }
    out.add(spaced);
}

/// As `encodeURIComponent`, RFC 3986, `encodeURI`, and a form; with digits in upper and
/// lower case.
pub(super) fn percent_encoded(text: &[u8], out: &mut Out) {
    for (kept, space) in [
        ("-_.!~*'()", "%20"),
        ("-_.~", "%20"),
        ("-_.~/", "%20"),
        ("-_.!~*'();/?:@&=+$,#", "%20"),
        ("-_.*", "+"),
    ] {
        for digits in [hex::encode_upper::<[u8; 1]>, hex::encode] {
            written(text, out, |byte, out| match byte {
                b' ' => out.extend(space.bytes()),
                _ if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) => {
                    out.push(byte);
                }
                _ => out.extend(format!("%{}", digits([byte])).bytes()),
            });
        }
    }
}

/// `\n`, `\"`, `\u00e9`, `\x26`, `\046`, and a backslash before any other character.
pub(super) fn unescaped(text: &[u8], out: &mut Out) {
    // \xe9 is a byte to Python and C, and a character to JavaScript.
    for is_character in [false, true] {
        replaced(text, out, |rest| {
            let escape = rest.strip_prefix(b"\\")?;
            let number = |start: usize, end: usize, radix| {
                let digits = str::from_utf8(escape.get(start..end)?).ok()?;
                u32::from_str_radix(digits, radix).ok()
            };
            let unit = |start: usize| u16::try_from(number(start, start + 4, 16)?).ok();
            let byte = |byte: u8, length| Some((vec![byte], length));
            let character = |c: char, length| Some((c.to_string().into_bytes(), length));
            match *escape.first()? {
                b'n' => byte(b'\n', 2),
                b'r' => byte(b'\r', 2),
                b't' => byte(b'\t', 2),
                b'b' => byte(8, 2),
                b'f' => byte(12, 2),
                b'v' => byte(11, 2),
                b'e' => byte(27, 2),
                b'\n' => Some((Vec::new(), 2)),
                b'u' if escape.get(1) == Some(&b'{') => {
                    let end = escape.iter().take(11).position(|byte| *byte == b'}')?;
                    character(char::from_u32(number(2, end, 16)?)?, end + 2)
                }
                b'u' => {
                    let low = unit(7).filter(|_| escape.get(5..7) == Some(b"\\u"));
                    let units = [unit(1)?, low.unwrap_or_default()];
                    let c = char::decode_utf16(units).next()?.ok()?;
                    character(c, if c.len_utf16() == 2 { 12 } else { 6 })
                }
                b'U' => character(char::from_u32(number(1, 9, 16)?)?, 10),
                b'x' if is_character => character(char::from_u32(number(1, 3, 16)?)?, 4),
                b'x' => byte(u8::try_from(number(1, 3, 16)?).ok()?, 4),
                b'0'..=b'7' => match number(0, 3, 8) {
                    Some(code) => byte(u8::try_from(code).ok()?, 4),
                    None => byte(0, 2),
                },
                other => byte(other, 2),
            }
        });
    }
}

/// As JSON, as PHP's JSON, and as a shell or a regular expression.
pub(super) fn escaped(text: &[u8], out: &mut Out) {
    let plain = str::from_utf8(text).ok();
    out.all(plain.and_then(ascii_string));
    let json = |byte: u8, out: &mut Vec<u8>| match byte {
        b'\n' => out.extend(b"\\n"),
        b'\r' => out.extend(b"\\r"),
        b'\t' => out.extend(b"\\t"),
        b'"' | b'\\' => out.extend([b'\\', byte]),
        _ => out.push(byte),
    };
    written(text, out, json);
    written(text, out, |byte, out| match byte {
        b'/' => out.extend(b"\\/"),
        _ => json(byte, out),
    });
    // All punctuation, a shell's (printf %q), a regular expression's, and both quotes'.
    for marks in [
        " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        "!\"#$&'()*;<>?[\\]`{|}~",
        "\\^$.|?*+()[]{}",
        "$\"`\\",
        "'",
    ] {
        written(text, out, |byte, out| {
            let is_escaped = marks.as_bytes().contains(&byte);
            out.extend(is_escaped.then_some(b'\\'));
            out.push(byte);
        });
    }
}

/// The characters that templates, shells, SQL and CSV double.
const DOUBLED: &[u8] = b"$%{}'\"\\&@#~";

/// Each doubled character by itself, and all.
fn doubled_sets() -> impl Iterator<Item = &'static [u8]> {
    DOUBLED.chunks(1).chain([DOUBLED])
}

/// `$$` as `$`.
pub(super) fn halved(text: &[u8], out: &mut Out) {
    for set in doubled_sets() {
        replaced(text, out, |rest| match rest {
            [one, other, ..] if one == other && set.contains(one) => Some((vec![*one], 2)),
            _ => None,
        });
    }
}

pub(super) fn doubled(text: &[u8], out: &mut Out) {
    for set in doubled_sets() {
        written(text, out, |byte, out| {
            out.extend(set.contains(&byte).then_some(byte));
            out.push(byte);
        });
    }
}
