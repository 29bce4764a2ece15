//! HTTP/2 from clients that keep to no rule: what the framework makes of it, and that
//! others are served meanwhile and afterwards.
//!
//! What a row sends is followed by a ping. Its answer shows that the connection goes
//! on. Listed are 200, the codes of refusals, the errors with which streams are reset
//! or the connection is ended, and how it ended.

mod wire;

use std::collections::BTreeSet;
use std::net::SocketAddr;

use actix_web::{HttpResponse, web};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use nano_webhook_axum::{Secret, Verifier, Webhook, WebhookLayer};
use nano_webhook_hostile::{ActixServer, AxumServer};
use nano_webhook_test_kit::{PATIENCE, SignedRequest};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::wire::*;
use crate::{SECRET, still_serves};

/// A name, what is sent, how many streams the server ends (unless it ends the connection
/// first), and for axum and actix: what is seen.
struct Row(
    &'static str,
    fn(&SignedRequest) -> Vec<u8>,
    usize,
    [&'static str; 2],
);

/// The delivery with further fields in its head.
fn with(delivery: &SignedRequest, more: &[(&str, &str)]) -> Vec<u8> {
    request(1, &head(delivery, more), &delivery.body)
}

/// Something on each of that many streams.
fn streams(count: u32, each: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    (0..count).flat_map(|index| each(2 * index + 1)).collect()
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("a delivery", |d| with(d, &[]),
        1, ["200, goes on", "200, goes on"]),
    Row("100 deliveries", |d| streams(100, |stream| request(stream, &head(d, &[]), &d.body)),
        100, ["200, goes on", "200, goes on"]),
    Row("a chunked coding", |d| with(d, &[("transfer-encoding", "chunked")]),
        1, ["PROTOCOL_ERROR, goes on", "PROTOCOL_ERROR, goes on"]),
    Row("a connection header", |d| with(d, &[("connection", "close")]),
        1, ["PROTOCOL_ERROR, goes on", "PROTOCOL_ERROR, goes on"]),
    Row("a length that is too short", |d| with(d, &[("content-length", "3")]),
        1, ["PROTOCOL_ERROR, goes on", "PROTOCOL_ERROR, goes on"]),
    Row("a length that is too long", |d| with(d, &[("content-length", "3000")]),
        1, ["PROTOCOL_ERROR, goes on", "PROTOCOL_ERROR, goes on"]),
    Row("two lengths", |d| with(d, &[("content-length", &d.body.len().to_string()), ("content-length", "3")]),
        1, ["PROTOCOL_ERROR, goes on", "200, goes on"]),
    Row("a request hidden in a value", |d| with(d, &[("x-other", "1\r\n\r\nGET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n")]),
        1, ["PROTOCOL_ERROR, closed", "PROTOCOL_ERROR, closed"]),
    Row("a name in upper case", |d| with(d, &[("X-Nano-Signature", "v1=0")]),
        1, ["PROTOCOL_ERROR, closed", "PROTOCOL_ERROR, closed"]),
    Row("the signature twice", |d| with(d, &[("x-nano-signature", d.signature())]),
        1, ["duplicate_header, goes on", "duplicate_header, goes on"]),
    Row("a pseudo-header behind the others", |d| with(d, &[(":path", "/hidden")]),
        1, ["PROTOCOL_ERROR, goes on", "PROTOCOL_ERROR, goes on"]),
    Row("the signature in the trailers", |d| {
            let unsigned = block([(":method", "POST"), (":scheme", "http"), (":path", "/webhook"), ("x-nano-timestamp", d.timestamp())]);
            [
                in_frames(1, 0, &unsigned),
                frame(DATA, 0, 1, &d.body),
                in_frames(1, END_STREAM, &block([("x-nano-signature", d.signature())])),
            ].concat()
        }, 1, ["missing_header, goes on", "missing_header, goes on"]),
    Row("a header of 1 MB", |d| with(d, &[("x-other", &"x".repeat(1 << 20))]),
        1, ["ENHANCE_YOUR_CALM, closed", "200, goes on"]),
    Row("40,000 names", |d| {
            let names: Vec<String> = (0..40_000).map(|index| format!("x{index}")).collect();
            let more: Vec<_> = names.iter().map(|name| (&**name, "")).collect();
            with(d, &more)
        }, 1, ["ENHANCE_YOUR_CALM, closed", "closed"]),
    Row("8 KB that unpack to 16 MB", |d| {
            let mut block = head(d, &[]);
            // Into the dynamic table (RFC 7541, section 6.2.1), and then by its index.
            let mut entry = wire::block([("x", &*"x".repeat(4000))]);
            entry[0] = 0x40;
            block.extend(entry);
            block.extend([0x80 | 62; 4000]);
            request(1, &block, &d.body)
        }, 1, ["ENHANCE_YOUR_CALM, closed", "200, goes on"]),
    Row("a head without end", |d| {
            let more = block([("x-other", &*"x".repeat(16_000))]);
            [
                frame(HEADERS, 0, 1, &head(d, &[])),
                frame(CONTINUATION, 0, 1, &more).repeat(2000),
            ].concat()
        }, 0, ["ENHANCE_YOUR_CALM, closed", "ENHANCE_YOUR_CALM, closed"]),
    Row("a head of 100,000 empty frames", |d| [frame(HEADERS, 0, 1, &head(d, &[])), frame(CONTINUATION, 0, 1, b"").repeat(100_000)].concat(),
        0, ["ENHANCE_YOUR_CALM, closed", "ENHANCE_YOUR_CALM, closed"]),
    Row("10,000 streams, each reset at once", |d| {
            let head = head(d, &[]);
            streams(10_000, |stream| [in_frames(stream, 0, &head), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat())
        }, 0, ["ENHANCE_YOUR_CALM, closed", "ENHANCE_YOUR_CALM, closed"]),
    Row("3,000 streams without their bodies, and a delivery", |d| {
            let head = head(d, &[]);
            let held = streams(3000, |stream| in_frames(stream, 0, &head));
            [held, request(6001, &head, &d.body)].concat()
        }, 1, ["ENHANCE_YOUR_CALM, REFUSED_STREAM, closed", "200, goes on"]),
    Row("a body behind 100,000 empty frames", |d| {
            let empty = frame(DATA, 0, 1, b"").repeat(100_000);
            let body = frame(DATA, END_STREAM, 1, &d.body);
            [in_frames(1, 0, &head(d, &[])), empty, body].concat()
        }, 1, ["ENHANCE_YOUR_CALM, closed", "200, goes on"]),
    Row("100,000 pings", |_| frame(PING, 0, 0, b"12345678").repeat(100_000),
        0, ["goes on", "goes on"]),
    Row("100,000 settings", |_| frame(SETTINGS, 0, 0, b"").repeat(100_000),
        0, ["goes on", "goes on"]),
    Row("a frame that is too large", |d| [in_frames(1, 0, &head(d, &[])), frame(DATA, 0, 1, &[b'x'; 20_000])].concat(),
        0, ["FRAME_SIZE_ERROR, closed", "FRAME_SIZE_ERROR, closed"]),
    Row("a window beyond 31 bits", |_| frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff]).repeat(2),
        0, ["FLOW_CONTROL_ERROR, closed", "FLOW_CONTROL_ERROR, closed"]),
    Row("data on no stream", |_| frame(DATA, 0, 0, b"{}"),
        0, ["PROTOCOL_ERROR, closed", "PROTOCOL_ERROR, closed"]),
    Row("HTTP/1 in the middle", |d| d.whole(),
        0, ["FRAME_SIZE_ERROR, closed", "FRAME_SIZE_ERROR, closed"]),
];

#[tokio::test]
async fn every_stream_has_its_answer() {
    let axum = axum();
    let actix = actix();
    let idle = axum.tasks();
    let mut wrong = Vec::new();
    for (index, Row(name, send, ends, [on_axum, on_actix])) in ROWS.iter().enumerate() {
        for (framework, addr, expected) in [
            ("axum", axum.addr, *on_axum),
            ("actix", actix.addr, *on_actix),
        ] {
            let wire = send(&SignedRequest::completed_now(&format!("stream_{index}")));
            let came = outcome(addr, wire, *ends).await;
            still_serves(addr, &format!("after: {}", name)).await;
            if came != expected {
                wrong.push(format!(
                    "{framework}, {}: {came}\n    expected {expected}",
                    name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    crate::until_idle(&axum, idle).await;
}

fn verifier() -> Verifier {
    Verifier::new(Secret::new(SECRET).unwrap())
}

fn axum() -> AxumServer {
    let route = post(async |_: Webhook| StatusCode::OK).layer(WebhookLayer::new(verifier()));
    AxumServer::start(Router::new().route("/webhook", route))
}

fn actix() -> ActixServer {
    let config = nano_webhook_actix::WebhookConfig::new(verifier());
    ActixServer::start(move |app| {
        let handler = async |_: nano_webhook_actix::Webhook| HttpResponse::Ok().finish();
        app.app_data(config.clone())
            .route("/webhook", web::post().to(handler));
    })
}

/// What came back.
async fn outcome(addr: SocketAddr, mut wire: Vec<u8>, ends: usize) -> String {
    const LAST: &[u8] = b"the last";
    wire.splice(..0, preface());
    wire.extend(frame(PING, 0, 0, LAST));
    let stream = TcpStream::connect(addr).await.unwrap();
    let (read, mut write) = stream.into_split();
    // The writing half stays open for as long as answers are read.
    let writer = tokio::spawn(async move {
        let _ = write.write_all(&wire).await;
        write
    });
    let mut read = BufReader::new(read);
    let mut seen = BTreeSet::new();
    let listen = async {
        let (mut ended, mut answered) = (0, false);
        while ended < ends || !answered {
            let Ok((kind, flags, payload)) = next_frame(&mut read).await else {
                return "closed";
            };
            match (kind, flags) {
                (PING, ACK) => answered |= payload == LAST,
                // The status that needs one byte (RFC 7541, appendix A).
                (HEADERS, _) if payload.first() == Some(&0x88) => {
                    seen.insert("200".to_owned());
                }
                (DATA, _) => seen.extend(code(&payload)),
                (RST_STREAM, _) => {
                    seen.insert(error_name(&payload).to_owned());
                }
                (GOAWAY, _) => {
                    seen.insert(error_name(&payload[4..]).to_owned());
                }
                _ => {}
            }
            let last = matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0;
            ended += usize::from(last || kind == RST_STREAM);
        }
        "goes on"
    };
    let end = timeout(PATIENCE, listen).await;
    writer.abort();
    let end = end.unwrap_or("silent");
    seen.into_iter()
        .chain([end.to_owned()])
        .collect::<Vec<_>>()
        .join(", ")
}

async fn next_frame(read: &mut (impl AsyncRead + Unpin)) -> std::io::Result<(u8, u8, Vec<u8>)> {
    let mut head = [0; 9];
    read.read_exact(&mut head).await?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; length as usize];
    read.read_exact(&mut payload).await?;
    Ok((head[3], head[4], payload))
}

/// The code of a problem document.
fn code(body: &[u8]) -> Option<String> {
    let body = String::from_utf8_lossy(body);
    let (_, rest) = body.split_once(r#""code":""#)?;
    rest.split('"').next().map(str::to_owned)
}
