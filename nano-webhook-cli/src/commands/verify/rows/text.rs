//! Characters, how they are spelled, and what stands before and after a text.

use std::iter::successors;

use super::Out;
use super::json::strings;

pub(super) const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(super) fn without_newline(text: &[u8], out: &mut Out) {
    let end = text.iter().rposition(|byte| !b"\r\n".contains(byte));
    out.all(text.get(..end.map_or(0, |end| end + 1)));
    out.all(text.strip_suffix(b"\r\n"));
    out.all(text.strip_suffix(b"\n"));
}

pub(super) fn with_newline(text: &[u8], out: &mut Out) {
    out.all(["\n", "\r\n"].map(|end| [text, end.as_bytes()].concat()));
}

pub(super) fn with_and_without(text: &str, prefixes: &[&str], out: &mut Out) {
    out.all((prefixes.iter()).filter_map(|prefix| text.strip_prefix(prefix)));
    out.all((prefixes.iter()).map(|prefix| format!("{prefix}{text}")));
}

#[rustfmt::skip]
const PAIRS: &[(&str, &str)] = &[
    ("\"", "\""), ("'", "'"), ("`", "`"), ("“", "”"), ("„", "“"), ("‘", "’"), ("«", "»"),
    ("\\\"", "\\\""), ("\\'", "\\'"), ("$'", "'"), ("b'", "'"), ("b\"", "\""), ("r\"", "\""),
    ("\"\"\"", "\"\"\""), ("<", ">"), ("(", ")"), ("[", "]"), ("{", "}"), ("{{", "}}"), ("**", "**"),
    ("```", "```"), ("|", "|"), ("&quot;", "&quot;"), ("%22", "%22"), ("<![CDATA[", "]]>"),
];

/// Without a pair of quotes or brackets, or with only one of them left out.
pub(super) fn unquoted(text: &str, out: &mut Out) {
    let text = text.trim_ascii();
    for (open, close) in PAIRS {
        let opened = text.strip_prefix(open);
        out.all(opened.and_then(|rest| rest.strip_suffix(close)));
        out.all(opened.into_iter().chain(text.strip_suffix(close)));
    }
}

/// After `NAME=`, `export NAME=`, `name: ` and the like.
pub(super) fn after_name(text: &str, out: &mut Out) {
    const WORDS: &[&str] = &["export ", "set ", "setx ", "ENV ", "const ", "- "];
    let text = text.trim();
    let mut assignments = WORDS.iter().filter_map(|word| text.strip_prefix(word));
    let assignment = assignments.next().unwrap_or(text);
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
pub(super) fn parts(text: &str, out: &mut Out) {
    strings(text, out);
    for separators in ["\n\r", "\n\r\t ,;|\"'", "\n\r\t ,;|\"'=:&"] {
        out.all(text.split(|character: char| separators.contains(character)));
    }
}

/// Without the first or last characters that are neither letters nor digits.
pub(super) fn without_punctuation(text: &str, out: &mut Out) {
    const FEW: usize = 5;
    let is_mark = |character: char| !character.is_alphanumeric();
    for text in successors(Some(text), |text| text.strip_prefix(is_mark)).take(FEW) {
        out.all(successors(Some(text), |text| text.strip_suffix(is_mark)).take(FEW));
    }
}

/// One half, if it is the same as the other.
pub(super) fn halves(secret: &[u8], out: &mut Out) {
    for separator in 0..=2 {
        let (first, rest) = secret.split_at(secret.len().saturating_sub(separator) / 2);
        out.all(rest.get(separator..).filter(|second| *second == first));
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

/// Without line breaks, without the indentation behind them, without any white space.
pub(super) fn without_white_space(text: &str, out: &mut Out) {
    out.add(text.replace(['\r', '\n'], ""));
    out.add(text.lines().map(str::trim).collect::<String>());
    out.add(text.split_whitespace().collect::<String>());
}

/// With and without the dashes of a UUID.
pub(super) fn regrouped(text: &str, out: &mut Out) {
    let bare = text.replace('-', "");
    if bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let groups = [0..8, 8..12, 12..16, 16..20, 20..32];
        let groups = groups.map(|range| bare.get(range).unwrap_or_default());
        out.add(groups.join("-"));
    }
    out.add(bare);
}

pub(super) fn letter_cases(text: &str, out: &mut Out) {
    out.all([text.to_lowercase(), text.to_uppercase(), capitalized(text)]);
}

pub(in super::super) fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    let initial = rest.next().into_iter().flat_map(char::to_uppercase);
    initial.chain(rest).collect()
}

/// With something else in the place of such characters, from each of them on.
pub(super) fn replaced(text: &str, is_it: fn(char) -> bool, with: &str, out: &mut Out) {
    for (start, _) in text.match_indices(is_it) {
        let (before, rest) = text.split_at(start);
        out.add(format!("{before}{with}{}", rest.trim_start_matches(is_it)));
    }
}

/// A plus sign for each space, and for all.
pub(super) fn with_plus(text: &str, out: &mut Out) {
    replaced(text, |character| character == ' ', "+", out);
    out.add(text.replace(' ', "+"));
}

/// Without characters that are not visible, and without the sequences that colour a
/// terminal or mark what was pasted.
pub(super) fn visible(text: &str, out: &mut Out) {
    let mut seen = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => drop(characters.find(|c| c.is_ascii_alphabetic() || *c == '~')),
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' => {}
            '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {}
            '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' => {}
            _ if character.is_control() && !character.is_whitespace() => {}
            _ => seen.push(character),
        }
    }
    out.add(seen);
}

/// Quotes, dashes and spaces as a keyboard has them, where a word processor has put
/// others.
pub(super) fn typewritten(text: &str, out: &mut Out) {
    let is_space = |character: char| character.is_whitespace() && !character.is_ascii();
    let text = text
        .replace(['“', '”', '„', '«', '»', '″'], "\"")
        .replace(['‘', '’', '‚', '‹', '›', '′'], "'")
        .replace('…', "...")
        .replace(is_space, " ");
    out.all(["-", "--"].map(|dash| text.replace(['–', '—', '−', '‐', '‑'], dash)));
}
