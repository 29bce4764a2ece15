//! Base64, hex, character encodings and hashes.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GBK, ISO_8859_2, ISO_8859_15, KOI8_R, MACINTOSH, SHIFT_JIS,
    UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1254,
};
use sha2::{Digest as _, Sha256};

use super::Out;
use super::text::without_newline;
use crate::headers::{latin1_bytes, latin1_text};

/// The two alphabets (RFC 4648, sections 4 and 5), with padding or without.
fn alphabets() -> [GeneralPurpose; 2] {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    [STANDARD, URL_SAFE].map(|alphabet| GeneralPurpose::new(&alphabet, config))
}

pub(in super::super) fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = without(text, b" \t\r\n");
    let mut engines = alphabets().into_iter().filter(|_| text.len() > 1);
    engines.find_map(|engine| engine.decode(&text).ok())
}

fn without(text: &[u8], left_out: &[u8]) -> Vec<u8> {
    let kept = text.iter().copied();
    kept.filter(|byte| !left_out.contains(byte)).collect()
}

pub(super) fn base64_decoded(text: &[u8], out: &mut Out) {
    out.all(from_base64(text));
}

/// Each alphabet, with and without padding, and in lines as `base64` prints it.
pub(super) fn base64_encoded(bytes: &[u8], out: &mut Out) {
    for padded in alphabets().map(|engine| engine.encode(bytes)) {
        out.add(padded.trim_end_matches('='));
        let lines: Vec<&[u8]> = padded.as_bytes().chunks(76).collect();
        out.add(lines.join(&b'\n'));
        out.add(padded);
    }
}

/// The other alphabet, and padding added or removed. A `+` that a form has read is a
/// space.
pub(super) fn base64_respelled(text: &str, out: &mut Out) {
    let bare = text.trim_ascii_end().trim_end_matches('=');
    let standard = bare.replace('-', "+").replace('_', "/");
    let url_safe = bare.replace('+', "-").replace('/', "_");
    for text in [bare.to_owned(), standard, url_safe, bare.replace(' ', "+")] {
        let padding = "=".repeat(text.len().wrapping_neg() % 4);
        out.all([text.clone(), text + &padding]);
    }
}

/// Also with `0x` before it, and colons, dashes or white space in it.
pub(super) fn hex_decoded(text: &[u8], out: &mut Out) {
    let text = text.trim_ascii();
    let digits = text.strip_prefix(b"0x").or(text.strip_prefix(b"\\x"));
    out.all(hex::decode(without(digits.unwrap_or(text), b" \t\r\n:-")));
}

pub(super) fn hex_encoded(bytes: &[u8], out: &mut Out) {
    let lower = hex::encode(bytes);
    out.all([hex::encode_upper(bytes), format!("0x{lower}"), lower]);
}

/// SHA-256 of it: as bytes, in hex and in base64.
pub(super) fn hashed(bytes: &[u8], out: &mut Out) {
    let hash = Sha256::digest(bytes);
    out.add(hash.to_vec());
    hex_encoded(&hash, out);
    base64_encoded(&hash, out);
}

/// The encodings that a program may take text for, or write it in.
#[rustfmt::skip]
const ENCODINGS: &[&Encoding] = &[
    WINDOWS_1252, ISO_8859_15, WINDOWS_1250, ISO_8859_2, WINDOWS_1251, KOI8_R, WINDOWS_1254,
    MACINTOSH, SHIFT_JIS, EUC_JP, GBK, BIG5, EUC_KR,
];

/// The text in UTF-8, where it was given in another encoding, or was taken for
/// another one.
pub(super) fn utf8_restored(bytes: &[u8], out: &mut Out) {
    for encoding in [UTF_16LE, UTF_16BE] {
        let (text, failed) = encoding.decode_with_bom_removal(bytes);
        if bytes.contains(&0) && !failed {
            // PowerShell writes a line ending behind it.
            out.all([text.trim_end_matches(['\r', '\n']), &text]);
        }
    }
    match str::from_utf8(bytes) {
        Ok(text) => in_one_byte_encodings(text, out),
        Err(_) => misread(bytes, out),
    }
}

/// The text in other encodings than UTF-8.
pub(super) fn encoded_otherwise(bytes: &[u8], out: &mut Out) {
    let Ok(text) = str::from_utf8(bytes) else {
        return misread(bytes, out);
    };
    for text in [text, &format!("\u{feff}{text}")] {
        out.all([u16::to_le_bytes, u16::to_be_bytes].map(|order| {
            let units = text.encode_utf16();
            units.flat_map(order).collect::<Vec<_>>()
        }));
    }
    if !text.is_ascii() {
        in_one_byte_encodings(text, out);
        misread(bytes, out);
        // What cannot be represented becomes a question mark.
        out.add(text.replace(|c: char| !c.is_ascii(), "?"));
    }
}

fn in_one_byte_encodings(text: &str, out: &mut Out) {
    if !text.is_ascii() {
        out.all(latin1_bytes(text));
        let encoded = ENCODINGS.iter().map(|encoding| encoding.encode(text));
        let encoded = encoded.filter(|(_, _, failed)| !failed);
        out.all(encoded.map(|(bytes, ..)| bytes));
    }
}

/// Bytes that were taken for text in another encoding.
fn misread(bytes: &[u8], out: &mut Out) {
    out.add(latin1_text(bytes));
    let read = ENCODINGS.iter();
    let read = read.map(|encoding| encoding.decode_without_bom_handling(bytes));
    let read = read.filter(|(_, failed)| !failed);
    out.all(read.map(|(text, _)| text.into_owned()));
}

/// Decoded secrets that are text, also without the newline that was encoded with them.
pub(super) fn only_text(decode: fn(&[u8], &mut Out), secret: &[u8], out: &mut Out) {
    decode(secret, out);
    out.0.retain(|value| str::from_utf8(value).is_ok());
    for text in out.0.clone() {
        without_newline(&text, out);
    }
}

/// Decoded secrets that are no text.
pub(super) fn only_binary(secret: &[u8], out: &mut Out) {
    hex_decoded(secret, out);
    base64_decoded(secret, out);
    out.0.retain(|value| str::from_utf8(value).is_err());
}
