//! Characters and how they are spelled: white space, case, look-alikes.

use super::Out;

/// Without line breaks, without the indentation behind them, without any white space.
pub(super) fn without_white_space(secret: &[u8], out: &mut Out) {
    let text = str::from_utf8(secret).unwrap_or_default();
    out.add(text.replace(['\r', '\n'], ""));
    out.add(text.lines().map(str::trim).collect::<String>());
    out.add(text.split_whitespace().collect::<String>());
}

/// A plus sign for each space, and for all.
pub(super) fn with_plus(secret: &[u8], out: &mut Out) {
    let text = str::from_utf8(secret).unwrap_or_default();
    for (position, _) in text.match_indices(' ') {
        let (before, after) = text.split_at(position);
        out.add(format!("{before}+{}", after.trim_start_matches(' ')));
    }
    out.add(text.replace(' ', "+"));
}

/// With and without the dashes of a UUID.
pub(super) fn regrouped(secret: &[u8], out: &mut Out) {
    let text = str::from_utf8(secret).unwrap_or_default();
    let bare = text.replace('-', "");
    if bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let groups = [0..8, 8..12, 12..16, 16..20, 20..32];
        let groups = groups.map(|range| bare.get(range).unwrap_or_default());
        out.add(groups.join("-"));
    }
    out.add(bare);
}

pub(super) fn letter_cases(secret: &[u8], out: &mut Out) {
    let text = str::from_utf8(secret).unwrap_or_default();
    let mut rest = text.chars();
    let initial = rest.next().map(char::to_uppercase);
    let capital: String = initial.into_iter().flatten().chain(rest).collect();
    out.all([text.to_lowercase(), text.to_uppercase(), capital]);
}

/// `$$` for each run of digits.
pub(super) fn with_process_id(secret: &[u8], out: &mut Out) {
    let mut rest = secret;
    while let Some(start) = rest.iter().position(u8::is_ascii_digit) {
        let digits = rest.split_at(start).1;
        let length = digits
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let before = secret.len().saturating_sub(digits.len());
        rest = digits.split_at(length).1;
        out.add([secret.split_at(before).0, b"$$", rest].concat());
    }
}

/// Without characters that are not visible, and without the sequences that colour a
/// terminal or mark what was pasted.
pub(super) fn visible(text: &[u8], out: &mut Out) {
    let text = str::from_utf8(text).unwrap_or_default();
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
pub(super) fn typewritten(text: &[u8], out: &mut Out) {
    let text = str::from_utf8(text).unwrap_or_default();
    for dash in ["-", "--"] {
        let mut typed = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '“' | '”' | '„' | '«' | '»' | '″' => typed.push('"'),
                '‘' | '’' | '‚' | '‹' | '›' | '′' => typed.push('\''),
                '–' | '—' | '−' | '‐' | '‑' => typed.push_str(dash),
                '…' => typed.push_str("..."),
                _ if character.is_whitespace() && !character.is_ascii() => typed.push(' '),
                _ => typed.push(character),
            }
        }
        out.add(typed);
    }
}
