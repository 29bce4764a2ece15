//! Base64, hex, character encodings, hashes, and characters that look like others.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GBK, ISO_8859_2, ISO_8859_15, KOI8_R, MACINTOSH, SHIFT_JIS,
    UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1254,
};
use sha2::{Digest as _, Sha256};

/// The two alphabets (RFC 4648, sections 4 and 5), with padding or without.
fn alphabets() -> [GeneralPurpose; 2] {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    [STANDARD, URL_SAFE].map(|alphabet| GeneralPurpose::new(&alphabet, config))
}

pub(super) fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let text: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    if text.len() < 2 {
        return None;
    }
    let decode = |engine: &GeneralPurpose| engine.decode(&text).ok();
    alphabets().iter().find_map(decode)
}

pub(super) fn base64_decoded(text: &[u8]) -> Vec<Vec<u8>> {
    from_base64(text).into_iter().collect()
}

/// Each alphabet, with and without padding, and in lines as `base64` prints it.
pub(super) fn base64_encoded(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut candidates = Vec::new();
    for padded in alphabets().map(|engine| engine.encode(bytes)) {
        candidates.push(padded.trim_end_matches('=').as_bytes().to_vec());
        let lines: Vec<&[u8]> = padded.as_bytes().chunks(76).collect();
        candidates.push(lines.join(&b'\n'));
        candidates.push(padded.into_bytes());
    }
    candidates
}

/// The other alphabet, and padding added or removed. A `+` that a form has read is a
/// space.
pub(super) fn base64_respelled(text: &[u8]) -> Vec<Vec<u8>> {
    let bare = text.trim_ascii_end();
    let bare = bare.strip_suffix(b"=").unwrap_or(bare);
    let bare = bare.strip_suffix(b"=").unwrap_or(bare);
    let swap = |from: [u8; 2], to: [u8; 2]| -> Vec<u8> {
        let pairs = || from.into_iter().zip(to);
        let translate = |byte: &u8| {
            pairs()
                .find(|(from, _)| from == byte)
                .map_or(*byte, |(_, to)| to)
        };
        bare.iter().map(translate).collect()
    };
    [
        bare.to_vec(),
        swap(*b"-_", *b"+/"),
        swap(*b"+/", *b"-_"),
        swap(*b" _", *b"+_"),
    ]
    .into_iter()
    .flat_map(|text| {
        let mut padded = text.clone();
        while !padded.len().is_multiple_of(4) {
            padded.push(b'=');
        }
        [text, padded]
    })
    .collect()
}

/// Also with `0x` before it, and colons, dashes or white space in it.
pub(super) fn hex_decoded(text: &[u8]) -> Vec<Vec<u8>> {
    let text = text.trim_ascii();
    let text = text
        .strip_prefix(b"0x")
        .or_else(|| text.strip_prefix(b"\\x"))
        .unwrap_or(text);
    let digits: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace() && !b":-".contains(byte))
        .collect();
    let decoded = hex::decode(&digits).ok().filter(|bytes| !bytes.is_empty());
    decoded.into_iter().collect()
}

pub(super) fn hex_encoded(bytes: &[u8]) -> Vec<Vec<u8>> {
    let lower = hex::encode(bytes);
    vec![
        hex::encode_upper(bytes).into_bytes(),
        format!("0x{lower}").into_bytes(),
        lower.into_bytes(),
    ]
}

/// SHA-256 of it: as bytes, in hex and in base64.
pub(super) fn hashed(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hash = Sha256::digest(bytes).to_vec();
    let [hex, base64] = [hex_encoded(&hash), base64_encoded(&hash)];
    [vec![hash], hex, base64].concat()
}

/// The encodings that a program may take text for, or write it in.
const ENCODINGS: &[&Encoding] = &[
    WINDOWS_1252,
    ISO_8859_15,
    WINDOWS_1250,
    ISO_8859_2,
    WINDOWS_1251,
    KOI8_R,
    WINDOWS_1254,
    MACINTOSH,
    SHIFT_JIS,
    EUC_JP,
    GBK,
    BIG5,
    EUC_KR,
];

/// The text in UTF-8, where it was given in another encoding, or was taken for
/// another one.
pub(super) fn utf8_restored(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut candidates = from_utf16(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_ascii() => {
            candidates.extend(latin1(text));
            candidates.extend(
                ENCODINGS
                    .iter()
                    .filter_map(|encoding| encode(text, encoding)),
            );
        }
        Ok(_) => {}
        Err(_) => candidates.extend(misread(bytes)),
    }
    candidates
}

/// The text in other encodings than UTF-8.
pub(super) fn encoded_otherwise(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return misread(bytes);
    };
    let little = || text.encode_utf16().flat_map(u16::to_le_bytes);
    let big = || text.encode_utf16().flat_map(u16::to_be_bytes);
    let mut candidates: Vec<Vec<u8>> = vec![
        little().collect(),
        big().collect(),
        [0xff, 0xfe].into_iter().chain(little()).collect(),
        [0xfe, 0xff].into_iter().chain(big()).collect(),
    ];
    if !text.is_ascii() {
        candidates.extend(latin1(text));
        candidates.extend(
            ENCODINGS
                .iter()
                .filter_map(|encoding| encode(text, encoding)),
        );
        candidates.extend(misread(bytes));
        // What cannot be represented becomes a question mark.
        let marked = text.chars().map(|c| if c.is_ascii() { c } else { '?' });
        candidates.push(marked.collect::<String>().into_bytes());
    }
    candidates
}

/// Bytes that were taken for text in another encoding.
fn misread(bytes: &[u8]) -> Vec<Vec<u8>> {
    let latin1: String = bytes.iter().copied().map(char::from).collect();
    let others = ENCODINGS.iter().filter_map(|encoding| {
        let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
        (!had_errors).then(|| text.into_owned().into_bytes())
    });
    [latin1.into_bytes()].into_iter().chain(others).collect()
}

fn latin1(text: &str) -> Option<Vec<u8>> {
    crate::headers::latin1_bytes(text)
}

fn encode(text: &str, encoding: &'static Encoding) -> Option<Vec<u8>> {
    let (bytes, _, had_errors) = encoding.encode(text);
    (!had_errors).then(|| bytes.into_owned())
}

fn from_utf16(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut candidates = Vec::new();
    for (encoding, mark) in [(UTF_16LE, b"\xff\xfe"), (UTF_16BE, b"\xfe\xff")] {
        let rest = bytes.strip_prefix(mark).unwrap_or(bytes);
        if rest.len().is_multiple_of(2)
            && rest.contains(&0)
            && let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(rest)
        {
            // PowerShell writes a line ending behind it.
            candidates.push(text.trim_end_matches(['\r', '\n']).as_bytes().to_vec());
            candidates.push(text.into_owned().into_bytes());
        }
    }
    candidates
}
