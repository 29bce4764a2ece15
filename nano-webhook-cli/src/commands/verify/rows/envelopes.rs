//! What a body is wrapped in on its way: forms, HTTP messages, compression.

use std::io::Read as _;

/// A larger body is not unpacked: a small one can claim to be of any size.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The value of each field of a form, decoded, and as it stands.
pub(super) fn form_fields(text: &[u8]) -> Vec<Vec<u8>> {
    let fields = || {
        let pairs = text.split(|byte| *byte == b'&');
        pairs.filter_map(|pair| {
            let equals = pair.iter().position(|byte| *byte == b'=')?;
            let (name, value) = pair.split_at(equals);
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.[]%".contains(byte);
            name.iter().all(is_name).then(|| value.get(1..))?
        })
    };
    let decoded = fields().flat_map(|value| {
        let plus: Vec<u8> = value
            .iter()
            .map(|byte| if *byte == b'+' { b' ' } else { *byte })
            .collect();
        let mut candidates = super::escapes::percent_decoded(value);
        candidates.push(plus);
        candidates.push(value.to_vec());
        candidates
    });
    // A field whose value was not encoded runs to the end.
    let equals = text.iter().take(64).position(|byte| *byte == b'=');
    let rest = equals.and_then(|equals| text.get(equals.saturating_add(1)..));
    decoded.chain(rest.map(<[u8]>::to_vec)).collect()
}

/// The content of each part of a multipart body.
pub(super) fn multipart_parts(text: &[u8]) -> Vec<Vec<u8>> {
    let start = text.trim_ascii_start();
    let line = start
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let boundary = line.trim_ascii_end();
    if !boundary.starts_with(b"--") || boundary.len() < 3 {
        return Vec::new();
    }
    split(start, boundary)
        .into_iter()
        .filter_map(after_head)
        .map(|part| {
            let part = part.strip_suffix(b"\n").unwrap_or(part);
            part.strip_suffix(b"\r").unwrap_or(part).to_vec()
        })
        .collect()
}

/// What follows the head of an HTTP message.
pub(super) fn after_http_head(text: &[u8]) -> Vec<Vec<u8>> {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_message = split(line, b"HTTP/").len() > 1;
    let body = is_message.then(|| after_head(text)).flatten();
    body.map(<[u8]>::to_vec).into_iter().collect()
}

fn after_head(message: &[u8]) -> Option<&[u8]> {
    [&b"\r\n\r\n"[..], b"\n\n"].iter().find_map(|blank| {
        let position = message
            .windows(blank.len())
            .position(|window| window == *blank)?;
        message.get(position.saturating_add(blank.len())..)
    })
}

fn split<'a>(text: &'a [u8], separator: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(position) = rest
        .windows(separator.len())
        .position(|window| window == separator)
    {
        let (part, after) = rest.split_at(position);
        parts.push(part);
        rest = after.get(separator.len()..).unwrap_or_default();
    }
    parts.push(rest);
    parts
}

/// The data of a body in the chunked transfer coding (RFC 9112, section 7.1).
pub(super) fn unchunked(text: &[u8]) -> Vec<Vec<u8>> {
    let read = || {
        let mut out = Vec::new();
        let mut rest = text;
        loop {
            let end = rest.iter().take(20).position(|byte| *byte == b'\n')?;
            let (line, after) = rest.split_at(end.saturating_add(1));
            let digits = std::str::from_utf8(line).ok()?.trim().split(';').next()?;
            let length = usize::from_str_radix(digits, 16).ok()?;
            if length == 0 {
                return Some(out);
            }
            out.extend_from_slice(after.get(..length)?);
            let after = after.get(length..)?;
            let after = after.strip_prefix(b"\r").unwrap_or(after);
            rest = after.strip_prefix(b"\n")?;
        }
    };
    read().into_iter().collect()
}

/// gzip, zlib, deflate and brotli.
pub(super) fn decompressed(bytes: &[u8]) -> Vec<Vec<u8>> {
    let is_zlib = bytes.first().is_some_and(|first| first & 0x0f == 8);
    if bytes.starts_with(b"\x1f\x8b") {
        return read_all(flate2::read::MultiGzDecoder::new(bytes));
    }
    let zlib = is_zlib.then(|| read_all(flate2::read::ZlibDecoder::new(bytes)));
    let zlib = zlib.filter(|candidates| !candidates.is_empty());
    zlib.unwrap_or_else(|| {
        // Neither of these has a mark, and text is rarely valid in either.
        let deflate = read_all(flate2::read::DeflateDecoder::new(bytes));
        let brotli = read_all(brotli_decompressor::Decompressor::new(bytes, 4096));
        [deflate, brotli].concat()
    })
}

fn read_all(reader: impl std::io::Read) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    let read = reader.take(LARGEST).read_to_end(&mut out);
    (read.is_ok() && !out.is_empty())
        .then_some(out)
        .into_iter()
        .collect()
}
