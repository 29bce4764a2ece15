//! Escapes of HTML, URLs, JSON, C, shells and mail: read and written.

use serde_json::Value;

use super::Out;
use super::printed::{ASCII, respelled};

/// `&amp;`, `&#38;` and `&#x26;`.
pub(super) fn html_decoded(text: &[u8], out: &mut Out) {
    out.decoded(text, |rest| {
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
        Some((character.to_string().into(), length + 2))
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

fn html_encoded(text: &str, out: &mut Out) {
    let quotes = [
        ("\"", "'"),
        ("&quot;", "'"),
        ("&quot;", "&#39;"),
        ("&quot;", "&#039;"),
        ("&quot;", "&#x27;"),
        ("&quot;", "&apos;"),
        ("&#34;", "&#39;"),
    ];
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    out.all(quotes.map(|(double, single)| text.replace('"', double).replace('\'', single)));
    // As mustache.js.
    let text = text.replace('"', "&quot;").replace('\'', "&#39;");
    let text = text.replace('/', "&#x2F;").replace('`', "&#x60;");
    out.add(text.replace('=', "&#x3D;"));
}

/// `%2B`; `+` as itself, and as a space.
pub(super) fn percent_decoded(text: &str, out: &mut Out) {
    let spaced = text.replace('+', " ");
    for text in [text, &spaced] {
        out.decoded(text.as_bytes(), |rest| {
            let digits = rest.strip_prefix(b"%")?.get(..2)?;
            Some((hex::decode(digits).ok()?, 3))
        });
    }
    out.add(spaced);
}

/// As `encodeURIComponent`, RFC 3986, `encodeURI`, and a form; with digits in upper and
/// lower case.
fn percent_encoded(text: &str, out: &mut Out) {
    for (kept, space) in [
        ("-_.!~*'()", "%20"),
        ("-_.~", "%20"),
        ("-_.~/", "%20"),
        ("-_.!~*'();/?:@&=+$,#", "%20"),
        ("-_.*", "+"),
    ] {
        for digits in [hex::encode_upper::<[u8; 1]>, hex::encode] {
            let encoded = text.bytes().map(|byte| match char::from(byte) {
                ' ' => space.to_owned(),
                c if c.is_ascii_alphanumeric() || kept.contains(c) => c.to_string(),
                _ => format!("%{}", digits([byte])),
            });
            out.add(encoded.collect::<String>());
        }
    }
}

/// `=3D`, and lines that end with `=`.
pub(super) fn quoted_printable_decoded(text: &[u8], out: &mut Out) {
    out.decoded(text, |rest| match rest.strip_prefix(b"=")? {
        [b'\r', b'\n', ..] => Some((Vec::new(), 3)),
        [b'\n', ..] => Some((Vec::new(), 2)),
        digits => Some((hex::decode(digits.get(..2)?).ok()?, 3)),
    });
}

/// `\n`, `\"`, `\u00e9`, `\x26`, `\046`, and a backslash before any other character.
pub(super) fn unescaped(text: &[u8], out: &mut Out) {
    // \xe9 is a byte to Python and C, and a character to JavaScript.
    for smallest_character in [0, 0x100] {
        out.decoded(text, |rest| {
            let escape = rest.strip_prefix(b"\\")?;
            let number = |digits: Option<&[u8]>, radix, length| {
                let code = u32::from_str_radix(str::from_utf8(digits?).ok()?, radix).ok()?;
                let bytes = match u8::try_from(code) {
                    Ok(byte) if code < smallest_character => vec![byte],
                    _ => char::from_u32(code)?.to_string().into_bytes(),
                };
                Some((bytes, length))
            };
            json_escape(rest).or_else(|| match escape {
                [b'\n', ..] => Some((Vec::new(), 2)),
                [b'u', b'{', digits @ ..] => {
                    let length = digits.iter().take(9).position(|byte| *byte == b'}')?;
                    number(digits.get(..length), 16, length + 4)
                }
                [b'U', ..] => number(escape.get(1..9), 16, 10),
                [b'x', ..] => number(escape.get(1..3), 16, 4),
                [b'0'..=b'7', b'0'..=b'7', b'0'..=b'7', ..] => number(escape.get(..3), 8, 4),
                [b'0', ..] => Some((vec![0], 2)),
                [b'v', ..] => Some((vec![11], 2)),
                [b'e', ..] => Some((vec![27], 2)),
                [other, ..] => Some((vec![*other], 2)),
                [] => None,
            })
        });
    }
}

/// A text that begins with an escape of JSON: a pair of surrogates, one character, or
/// one letter.
fn json_escape(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    [12, 6, 2].into_iter().find_map(|length| {
        let token = [b"\"", text.get(..length)?, b"\""].concat();
        let value: String = serde_json::from_slice(&token).ok()?;
        Some((value.into_bytes(), length))
    })
}

/// As a JSON string: as Python writes it, as PHP, and with the fewest escapes.
pub(super) fn json_strings(text: &str) -> [String; 3] {
    let json = Value::from(text).to_string();
    [respelled(&json, ASCII), json.replace('/', "\\/"), json]
}

/// In each way that this module knows.
pub(super) fn escaped_at_sender(text: &str, out: &mut Out) {
    for write in [html_encoded, percent_encoded, escaped] {
        write(text, out);
    }
}

/// As JSON, and with a backslash before all punctuation, as a shell (printf %q), as a
/// regular expression, and in each kind of quotes.
fn escaped(text: &str, out: &mut Out) {
    let strings = json_strings(text);
    let strings = strings.iter();
    out.all(strings.filter_map(|json| json.strip_prefix('"')?.strip_suffix('"')));
    for marks in [
        " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        " !\"#$&'()*;<>?[\\]^`{|}~",
        "\\^$.|?*+()[]{}",
        "$\"`\\",
        "'",
    ] {
        let backslash = |c: char| marks.contains(c).then_some('\\');
        let escaped = text
            .chars()
            .flat_map(|c| backslash(c).into_iter().chain([c]));
        out.add(escaped.collect::<String>());
    }
}

/// `$$` as `$`.
pub(super) fn halved(text: &str, out: &mut Out) {
    for_each_doubled(text, |text, once, twice| text.replace(twice, once), out);
}

/// `$` as `$$`.
pub(super) fn doubled(text: &str, out: &mut Out) {
    for_each_doubled(text, |text, once, twice| text.replace(once, twice), out);
}

/// Templates, shells, SQL and CSV double such characters: each by itself, and all.
fn for_each_doubled(text: &str, change: fn(&str, &str, &str) -> String, out: &mut Out) {
    const ALL: &str = "$%{}'\"\\&@#~";
    let change = |text: String, mark: char| {
        let once = mark.to_string();
        change(&text, &once, &once.repeat(2))
    };
    let sets = ALL.split("").chain([ALL]);
    out.all(sets.map(|set| set.chars().fold(text.to_owned(), change)));
}
