//! HTTP/2 frames as bytes, right or wrong (RFC 9113), and what a server sends back.

use nano_webhook_test_kit::SignedRequest;

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const ACK: u8 = 1;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

pub(super) fn preface() -> Vec<u8> {
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    [&preface[..], &frame(SETTINGS, 0, 0, b"")].concat()
}

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// A header block without compression (RFC 7541, section 6.2.2).
pub(super) fn block<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            length(&mut block, text.len());
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// An integer behind one bit (RFC 7541, section 5.1).
fn length(block: &mut Vec<u8>, length: usize) {
    block.push(length.min(127) as u8);
    let Some(mut rest) = length.checked_sub(127) else {
        return;
    };
    while rest >= 128 {
        block.push((rest % 128 + 128) as u8);
        rest /= 128;
    }
    block.push(rest as u8);
}

/// The head of a delivery, with these further fields.
pub(super) fn head(delivery: &SignedRequest, more: &[(&str, &str)]) -> Vec<u8> {
    let fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/webhook"),
        (":authority", "localhost"),
        ("x-nano-timestamp", delivery.timestamp()),
        ("x-nano-signature", delivery.signature()),
    ];
    block(fields.into_iter().chain(more.iter().copied()))
}

/// A header block in as many frames as it takes.
pub(super) fn in_frames(stream: u32, flags: u8, block: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    let mut parts = block.chunks(16_384).enumerate().peekable();
    while let Some((index, part)) = parts.next() {
        let (kind, mut flags) = match index {
            0 => (HEADERS, flags),
            _ => (CONTINUATION, 0),
        };
        if parts.peek().is_none() {
            flags |= END_HEADERS;
        }
        wire.extend(frame(kind, flags, stream, part));
    }
    wire
}

pub(super) fn request(stream: u32, block: &[u8], body: &[u8]) -> Vec<u8> {
    let mut wire = in_frames(stream, 0, block);
    wire.extend(frame(DATA, END_STREAM, stream, body));
    wire
}

/// The name of an error (RFC 9113, section 7).
pub(super) fn reason(code: &[u8]) -> String {
    let code = u32::from_be_bytes(code[..4].try_into().unwrap());
    format!("{:?}", h2::Reason::from(code))
}
