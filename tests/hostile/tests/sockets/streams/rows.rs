use nano_webhook_test_kit::SignedRequest;

use super::wire::{self, *};

/// A name, what is sent, how many streams the server ends (unless it ends the connection
/// first), and for axum and actix: what is seen.
type Row = (&'static str, Make, usize, [&'static str; 2]);

type Make = fn(&SignedRequest) -> Vec<u8>;

/// The delivery with further fields in its head.
fn with(delivery: &SignedRequest, more: &[(&str, &str)]) -> Vec<u8> {
    request(1, &head(delivery, more), &delivery.body)
}

/// Something on each of that many streams.
fn streams(count: u32, each: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    (0..count).flat_map(|index| each(2 * index + 1)).collect()
}

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    ("a chunked coding", |d| with(d, &[("transfer-encoding", "chunked")]), 1, ["PROTOCOL_ERROR, goes on", "PROTOCOL_ERROR, goes on"]),
    ("a connection header", |d| with(d, &[("connection", "close")]), 1, ["PROTOCOL_ERROR, goes on", "PROTOCOL_ERROR, goes on"]),
    ("a length that is too short", |d| with(d, &[("content-length", "3")]), 1, ["PROTOCOL_ERROR, goes on", "PROTOCOL_ERROR, goes on"]),
    ("a length that is too long", |d| with(d, &[("content-length", "3000")]), 1, ["PROTOCOL_ERROR, goes on", "PROTOCOL_ERROR, goes on"]),
    ("two lengths", |d| with(d, &[("content-length", &d.body.len().to_string()), ("content-length", "3")]), 1, ["PROTOCOL_ERROR, goes on", "200, goes on"]),
    ("a request hidden in a value", |d| with(d, &[("x-other", "1\r\n\r\nGET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n")]), 1, ["PROTOCOL_ERROR, closed", "PROTOCOL_ERROR, closed"]),
    ("a name in upper case", |d| with(d, &[("X-Nano-Signature", "v1=0")]), 1, ["PROTOCOL_ERROR, closed", "PROTOCOL_ERROR, closed"]),
    ("a pseudo-header behind the others", |d| with(d, &[(":path", "/hidden")]), 1, ["PROTOCOL_ERROR, goes on", "PROTOCOL_ERROR, goes on"]),
    ("the signature in the trailers", |d| {
            let unsigned = block([(":method", "POST"), (":scheme", "http"), (":path", "/webhook"), ("x-nano-timestamp", d.timestamp())]);
            [
                in_frames(1, 0, &unsigned),
                frame(DATA, 0, 1, &d.body),
                in_frames(1, END_STREAM, &block([("x-nano-signature", d.signature())])),
            ].concat()
        }, 1, ["missing_header, goes on", "missing_header, goes on"]),
    ("a header of 1 MB", |d| with(d, &[("x-other", &"x".repeat(1 << 20))]), 1, ["ENHANCE_YOUR_CALM, closed", "200, goes on"]),
    ("40,000 names", |d| {
            let names: Vec<String> = (0..40_000).map(|index| format!("x{index}")).collect();
            let more: Vec<_> = names.iter().map(|name| (&**name, "")).collect();
            with(d, &more)
        }, 1, ["ENHANCE_YOUR_CALM, closed", "closed"]),
    ("8 KB that unpack to 16 MB", |d| {
            let mut block = head(d, &[]);
            // Into the dynamic table (RFC 7541, section 6.2.1), and then by its index.
            let mut entry = wire::block([("x", &*"x".repeat(4000))]);
            entry[0] = 0x40;
            block.extend(entry);
            block.extend([0x80 | 62; 4000]);
            request(1, &block, &d.body)
        }, 1, ["ENHANCE_YOUR_CALM, closed", "200, goes on"]),
    ("a head without end", |d| {
            let more = block([("x-other", &*"x".repeat(16_000))]);
            [
                frame(HEADERS, 0, 1, &head(d, &[])),
                frame(CONTINUATION, 0, 1, &more).repeat(2000),
            ].concat()
        }, 0, ["ENHANCE_YOUR_CALM, closed", "ENHANCE_YOUR_CALM, closed"]),
    ("a head of 100,000 empty frames", |d| [frame(HEADERS, 0, 1, &head(d, &[])), frame(CONTINUATION, 0, 1, b"").repeat(100_000)].concat(), 0, ["ENHANCE_YOUR_CALM, closed", "ENHANCE_YOUR_CALM, closed"]),
    ("10,000 streams, each reset at once", |d| {
            let head = head(d, &[]);
            streams(10_000, |stream| [in_frames(stream, 0, &head), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat())
        }, 0, ["ENHANCE_YOUR_CALM, closed", "ENHANCE_YOUR_CALM, closed"]),
    ("3,000 streams without their bodies, and a delivery", |d| {
            let head = head(d, &[]);
            let held = streams(3000, |stream| in_frames(stream, 0, &head));
            [held, request(6001, &head, &d.body)].concat()
        }, 1, ["ENHANCE_YOUR_CALM, REFUSED_STREAM, closed", "200, goes on"]),
    ("a body behind 100,000 empty frames", |d| {
            let empty = frame(DATA, 0, 1, b"").repeat(100_000);
            let body = frame(DATA, END_STREAM, 1, &d.body);
            [in_frames(1, 0, &head(d, &[])), empty, body].concat()
        }, 1, ["ENHANCE_YOUR_CALM, closed", "200, goes on"]),
    ("100,000 pings", |_| frame(PING, 0, 0, b"12345678").repeat(100_000), 0, ["goes on", "goes on"]),
    ("100,000 settings", |_| frame(SETTINGS, 0, 0, b"").repeat(100_000), 0, ["goes on", "goes on"]),
    ("a frame that is too large", |d| [in_frames(1, 0, &head(d, &[])), frame(DATA, 0, 1, &[b'x'; 20_000])].concat(), 0, ["FRAME_SIZE_ERROR, closed", "FRAME_SIZE_ERROR, closed"]),
    ("a window beyond 31 bits", |_| frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff]).repeat(2), 0, ["FLOW_CONTROL_ERROR, closed", "FLOW_CONTROL_ERROR, closed"]),
    ("data on no stream", |_| frame(DATA, 0, 0, b"{}"), 0, ["PROTOCOL_ERROR, closed", "PROTOCOL_ERROR, closed"]),
    ("HTTP/1 in the middle", |d| d.whole(), 0, ["FRAME_SIZE_ERROR, closed", "FRAME_SIZE_ERROR, closed"]),
];
