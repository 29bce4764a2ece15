//! What a body is wrapped in on its way: forms, HTTP messages, compression.

use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::Out;
use super::escapes::percent_decoded;

/// The value of each field of a form, decoded, and as it stands.
pub(super) fn form_fields(text: &str, out: &mut Out) {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]%".contains(&byte);
    for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
        if name.bytes().all(is_name) {
            percent_decoded(value, out);
            out.add(value);
        }
    }
    // A field whose value was not encoded runs to the end.
    let field = text.split_once('=').filter(|(name, _)| name.len() < 64);
    out.all(field.map(|(_, value)| value));
}

/// The content of each part of a multipart body.
pub(super) fn multipart_parts(text: &[u8], out: &mut Out) {
    let mut rest = text.trim_ascii_start();
    let boundary = first_line(rest).trim_ascii_end();
    let is_multipart = boundary.starts_with(b"--") && boundary.len() > 2;
    while let Some((part, after)) = split_at(rest, boundary).filter(|_| is_multipart) {
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
    split_at(text, b"\n").map_or(text, |(line, _)| line)
}

fn after_head(message: &[u8]) -> Option<&[u8]> {
    let body = split_at(message, b"\r\n\r\n").or_else(|| split_at(message, b"\n\n"));
    body.map(|(_, body)| body)
}

fn split_at<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let mut windows = text.windows(separator.len().max(1));
    let (before, rest) = text.split_at(windows.position(|window| window == separator)?);
    Some((before, rest.get(separator.len()..)?))
}

/// The data of a body in the chunked transfer coding (RFC 9112, section 7.1).
pub(super) fn unchunked(text: &[u8], out: &mut Out) {
    let (mut data, mut rest) = (Vec::new(), text);
    while let Some((line, after)) = split_at(rest, b"\n") {
        let line = str::from_utf8(line).unwrap_or_default();
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = usize::from_str_radix(digits, 16).unwrap_or(usize::MAX);
        let (chunk, after) = after.split_at_checked(length).unwrap_or_default();
        if chunk.is_empty() {
            return out.all((length == 0).then_some(data));
        }
        data.extend(chunk);
        rest = split_at(after, b"\n").unwrap_or_default().1;
    }
}

/// gzip, zlib, deflate and brotli.
pub(super) fn decompressed(bytes: &[u8], out: &mut Out) {
    /// A larger body is not unpacked: a small one can claim to be of any size.
    const LARGEST: u64 = 4 * 1024 * 1024;
    let readers: [Box<dyn Read + '_>; 4] = [
        Box::new(MultiGzDecoder::new(bytes)),
        Box::new(ZlibDecoder::new(bytes)),
        Box::new(DeflateDecoder::new(bytes)),
        Box::new(Decompressor::new(bytes, 4096)),
    ];
    for reader in readers {
        let mut content = Vec::new();
        if reader.take(LARGEST).read_to_end(&mut content).is_ok() {
            out.add(content);
        }
    }
}
