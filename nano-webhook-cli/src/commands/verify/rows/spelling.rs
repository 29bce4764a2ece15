//! Characters and how they are spelled: white space, case, look-alikes.

use super::around::text;

/// Without line breaks, without the indentation behind them, without any white space.
pub(super) fn without_white_space(secret: &[u8]) -> Vec<Vec<u8>> {
    text(secret, |text| {
        let lines = text.lines().map(str::trim);
        let breaks = text.replace(['\r', '\n'], "");
        vec![breaks, lines.collect(), text.split_whitespace().collect()]
    })
}

/// A plus sign for each space, and for all.
pub(super) fn with_plus(secret: &[u8]) -> Vec<Vec<u8>> {
    text(secret, |text| {
        let each = text.match_indices(' ').map(|(position, _)| {
            let (before, after) = text.split_at(position);
            format!("{before}+{}", after.trim_start_matches(' '))
        });
        each.chain([text.replace(' ', "+")]).collect()
    })
}

/// With and without the dashes of a UUID.
pub(super) fn regrouped(secret: &[u8]) -> Vec<Vec<u8>> {
    text(secret, |text| {
        let bare = text.replace('-', "");
        let is_uuid = bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        let groups = [0..8, 8..12, 12..16, 16..20, 20..32];
        let groups: Option<Vec<_>> = groups.into_iter().map(|range| bare.get(range)).collect();
        let dashed = groups.filter(|_| is_uuid).map(|groups| groups.join("-"));
        [Some(bare.clone()), dashed].into_iter().flatten().collect()
    })
}

pub(super) fn letter_cases(secret: &[u8]) -> Vec<Vec<u8>> {
    text(secret, |secret| {
        let swapped = secret.chars().map(|c| match c.is_uppercase() {
            true => c.to_lowercase().to_string(),
            false => c.to_uppercase().to_string(),
        });
        let mut first = secret.chars();
        let initial = |change: fn(char) -> String| {
            let mut characters = secret.chars();
            characters.next().map(|c| change(c) + characters.as_str())
        };
        let _ = first.next();
        [
            Some(secret.to_lowercase()),
            Some(secret.to_uppercase()),
            Some(swapped.collect()),
            initial(|c| c.to_lowercase().to_string()),
            initial(|c| c.to_uppercase().to_string()),
        ]
        .into_iter()
        .flatten()
        .collect()
    })
}

/// `$$` for each run of digits.
pub(super) fn with_process_id(secret: &[u8]) -> Vec<Vec<u8>> {
    let is_digit = |position: usize| secret.get(position).is_some_and(u8::is_ascii_digit);
    let starts =
        (0..secret.len()).filter(|start| is_digit(*start) && !(*start > 0 && is_digit(start - 1)));
    starts
        .map(|start| {
            let (before, rest) = secret.split_at(start);
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            [before, b"$$", rest.get(digits..).unwrap_or_default()].concat()
        })
        .collect()
}

/// Characters that are not visible, and the sequences that colour a terminal or mark
/// what was pasted.
pub(super) fn visible(text: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(text) else {
        return Vec::new();
    };
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => {
                let _ = characters.find(|c| c.is_ascii_alphabetic() || *c == '~');
            }
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{fff9}'..='\u{fffb}' => {}
            _ if character.is_control() && !character.is_whitespace() => {}
            _ => out.push(character),
        }
    }
    vec![out.into_bytes()]
}

/// Quotes, dashes and spaces as a keyboard has them, where a word processor has put
/// others.
pub(super) fn typewritten(text: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(text) else {
        return Vec::new();
    };
    let with = |dash: &str| -> String {
        text.chars().fold(String::new(), |mut out, character| {
            match character {
                '“' | '”' | '„' | '«' | '»' | '″' => out.push('"'),
                '‘' | '’' | '‚' | '‹' | '›' | '′' => out.push('\''),
                '–' | '—' | '−' | '‐' | '‑' => out.push_str(dash),
                '…' => out.push_str("..."),
                'ﬁ' => out.push_str("fi"),
                'ﬂ' => out.push_str("fl"),
                'ﬀ' => out.push_str("ff"),
                '\u{ff01}'..='\u{ff5e}' => {
                    out.extend(char::from_u32(u32::from(character) - 0xff01 + 0x21));
                }
                _ if character.is_whitespace() && !character.is_ascii() => out.push(' '),
                _ => out.push(character),
            }
            out
        })
    };
    [with("-"), with("--")].map(String::into_bytes).to_vec()
}
