//! What a body is wrapped in on its way: forms, HTTP messages, compression.

use std::io::Read;

use super::Out;
use super::escapes::{percent_decoded, plus_as_space};

/// The value of each field of a form, decoded, and as it stands.
pub(super) fn form_fields(text: &[u8], out: &mut Out) {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.[]%".contains(byte);
    for pair in text.split(|byte| *byte == b'&') {
        if let Some((name, value)) = split_at(pair, b"=")
            && name.iter().all(is_name)
        {
            percent_decoded(value, out);
            out.all([plus_as_space(value), value.to_vec()]);
        }
    }
    // A field whose value was not encoded runs to the end.
    let field = split_at(text, b"=").filter(|(name, _)| name.len() < 64);
    out.all(field.map(|(_, value)| value));
}

/// The content of each part of a multipart body.
pub(super) fn multipart_parts(text: &[u8], out: &mut Out) {
    let start = text.trim_ascii_start();
    let boundary = first_line(start).trim_ascii_end();
    if !boundary.starts_with(b"--") || boundary.len() < 3 {
        return;
    }
    let mut rest = start.get(boundary.len()..).unwrap_or_default();
    while let Some((part, after)) = split_at(rest, boundary) {
        let content = after_head(part).unwrap_or_default();
        let content = content.strip_suffix(b"\n").unwrap_or(content);
        out.add(content.strip_suffix(b"\r").unwrap_or(content));
        rest = after;
    }
}

/// What follows the head of an HTTP message.
pub(super) fn after_http_head(text: &[u8], out: &mut Out) {
    if split_at(first_line(text), b"HTTP/").is_some() {
        out.all(after_head(text));
    }
}

fn first_line(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == b'\n').next().unwrap_or_default()
}

fn after_head(message: &[u8]) -> Option<&[u8]> {
    let blanks = [&b"\r\n\r\n"[..], b"\n\n"];
    let mut bodies = blanks.iter().filter_map(|blank| split_at(message, blank));
    bodies.next().map(|(_, body)| body)
}

fn split_at<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let mut windows = text.windows(separator.len());
    let (before, rest) = text.split_at(windows.position(|window| window == separator)?);
    Some((before, rest.get(separator.len()..)?))
}

/// The data of a body in the chunked transfer coding (RFC 9112, section 7.1).
pub(super) fn unchunked(text: &[u8], out: &mut Out) {
    let mut data = Vec::new();
    let mut rest = text;
    while let Some((line, after)) = split_at(rest, b"\n").filter(|(line, _)| line.len() < 20) {
        let digits = str::from_utf8(line).unwrap_or_default().trim();
        match usize::from_str_radix(digits.split(';').next().unwrap_or_default(), 16) {
            Ok(0) => return out.add(data),
            Ok(length) if length < after.len() => {
                let (chunk, after) = after.split_at(length);
                data.extend(chunk);
                let Some((b"" | b"\r", after)) = split_at(after, b"\n") else {
                    return;
                };
                rest = after;
            }
            _ => return,
        }
    }
}

/// gzip, zlib, deflate and brotli.
pub(super) fn decompressed(bytes: &[u8], out: &mut Out) {
    if bytes.starts_with(b"\x1f\x8b") {
        return read_all(flate2::read::MultiGzDecoder::new(bytes), out);
    }
    read_all(flate2::read::ZlibDecoder::new(bytes), out);
    // Neither of these has a mark, and text is rarely valid in either.
    if out.0.is_empty() {
        read_all(flate2::read::DeflateDecoder::new(bytes), out);
        read_all(brotli_decompressor::Decompressor::new(bytes, 4096), out);
    }
}

fn read_all(reader: impl Read, out: &mut Out) {
    /// A larger body is not unpacked: a small one can claim to be of any size.
    const LARGEST: u64 = 4 * 1024 * 1024;
    let mut content = Vec::new();
    if reader.take(LARGEST).read_to_end(&mut content).is_ok() {
        out.add(content);
    }
}
