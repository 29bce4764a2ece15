//! What stands before and after a secret or a body.

use super::Out;
use super::json::strings;

pub(super) const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(super) fn without_newline(text: &[u8], out: &mut Out) {
    let end = text.iter().rposition(|byte| !b"\r\n".contains(byte));
    out.all(text.get(..end.map_or(0, |end| end.saturating_add(1))));
    let one = text.strip_suffix(b"\n");
    out.all(one.and_then(|line| line.strip_suffix(b"\r")));
    out.all(one);
}

pub(super) fn with_newline(text: &[u8], out: &mut Out) {
    out.all(["\n", "\r\n"].map(|end| [text, end.as_bytes()].concat()));
}

pub(super) fn with_and_without(text: &[u8], prefixes: &[&str], out: &mut Out) {
    out.all((prefixes.iter()).filter_map(|prefix| text.strip_prefix(prefix.as_bytes())));
    out.all((prefixes.iter()).map(|prefix| [prefix.as_bytes(), text].concat()));
}

#[rustfmt::skip]
const PAIRS: &[(&str, &str)] = &[
    ("\"", "\""), ("'", "'"), ("`", "`"), ("“", "”"), ("„", "“"), ("‘", "’"), ("«", "»"),
    ("\\\"", "\\\""), ("\\'", "\\'"), ("$'", "'"), ("b'", "'"), ("b\"", "\""), ("r\"", "\""),
    ("\"\"\"", "\"\"\""), ("<", ">"), ("(", ")"), ("[", "]"), ("{", "}"), ("{{", "}}"), ("**", "**"),
    ("```", "```"), ("|", "|"), ("&quot;", "&quot;"), ("%22", "%22"), ("<![CDATA[", "]]>"),
];

/// Without a pair of quotes or brackets, or with only one of them left out.
pub(super) fn unquoted(text: &[u8], out: &mut Out) {
    let trimmed = text.trim_ascii();
    for (open, close) in PAIRS {
        let opened = trimmed.strip_prefix(open.as_bytes());
        match opened.and_then(|rest| rest.strip_suffix(close.as_bytes())) {
            Some(inner) => out.add(inner),
            None => {
                out.all(opened);
                out.all(trimmed.strip_suffix(close.as_bytes()));
            }
        }
    }
}

/// After `NAME=`, `export NAME=`, `name: ` and the like.
pub(super) fn after_name(secret: &[u8], out: &mut Out) {
    const WORDS: &[&str] = &["export ", "set ", "setx ", "ENV ", "const ", "- "];
    let text = str::from_utf8(secret).unwrap_or_default().trim();
    let assignment = (WORDS.iter())
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(text);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.\"'$ :".contains(&byte);
    if let Some((name, value)) = assignment.split_once(['=', ':', ' '])
        && !name.is_empty()
        && name.bytes().all(is_name)
    {
        let bare = value.trim_start_matches(['=', ':', ' ']).trim();
        out.all([value, bare, bare.trim_matches(['"', '\'', ';', ','])]);
    }
}

/// The words and the strings in a longer text.
pub(super) fn parts(secret: &[u8], out: &mut Out) {
    strings(secret, out);
    let text = str::from_utf8(secret).unwrap_or_default();
    for separators in ["\n\r", "\n\r\t ,;|\"'", "\n\r\t ,;|\"'=:&"] {
        out.all(text.split(|character| separators.contains(character)));
    }
}

/// Without the first or last characters that are neither letters nor digits.
pub(super) fn without_punctuation(secret: &[u8], out: &mut Out) {
    let text = str::from_utf8(secret).unwrap_or_default();
    let marks = |(_, c): &(usize, char)| !c.is_alphanumeric();
    let after = |(start, c): (usize, char)| start.saturating_add(c.len_utf8());
    let starts = text.char_indices().take(4).take_while(marks).map(after);
    let ends = text.char_indices().rev().take(4).take_while(marks);
    let ends: Vec<_> = ends.map(|(end, _)| end).collect();
    for start in [0].into_iter().chain(starts) {
        for end in [text.len()].iter().chain(&ends) {
            out.all(text.get(start..*end));
        }
    }
}

/// One half, if it is the same as the other.
pub(super) fn halves(secret: &[u8], out: &mut Out) {
    for separator in 0..=2 {
        let half = secret.len().saturating_sub(separator) / 2;
        let first = secret.get(..half).unwrap_or_default();
        if half > 0 && secret.ends_with(first) && secret.len() == 2 * half + separator {
            out.add(first);
        }
    }
}

pub(super) fn one_more_character(secret: &[u8], out: &mut Out) {
    for byte in b' '..=b'~' {
        out.all([[secret, &[byte]].concat(), [&[byte], secret].concat()]);
    }
}

/// Every part, the longest first.
pub(super) fn substrings(secret: &[u8], out: &mut Out) {
    /// The longest secret of which every part is tried.
    const LONGEST: usize = 160;
    if secret.len() <= LONGEST {
        let lengths = (1..secret.len()).rev();
        out.all(lengths.flat_map(|length| secret.windows(length)));
    }
}
