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
use nano_webhook_hostile::{ActixServer, AxumServer, Connection, Delivery};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::wire::*;
use crate::{SECRET, still_serves};

struct Row {
    name: &'static str,
    send: fn(&Delivery) -> Vec<u8>,
    /// How many streams the server ends, unless it ends the connection first.
    ends: usize,
    axum: &'static str,
    actix: &'static str,
}

/// The delivery with further fields in its head.
fn with(delivery: &Delivery, more: &[(&str, &str)]) -> Vec<u8> {
    request(1, &head(delivery, more), &delivery.body)
}

/// Something on each of that many streams.
fn streams(count: u32, each: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    (0..count).flat_map(|index| each(2 * index + 1)).collect()
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row {
        name: "a delivery",
        send: |d| with(d, &[]),
        ends: 1,
        axum: "200, goes on",
        actix: "200, goes on",
    },
    Row {
        name: "100 deliveries",
        send: |d| streams(100, |stream| request(stream, &head(d, &[]), &d.body)),
        ends: 100,
        axum: "200, goes on",
        actix: "200, goes on",
    },
    Row {
        name: "a chunked coding",
        send: |d| with(d, &[("transfer-encoding", "chunked")]),
        ends: 1,
        axum: "PROTOCOL_ERROR, goes on",
        actix: "PROTOCOL_ERROR, goes on",
    },
    Row {
        name: "a connection header",
        send: |d| with(d, &[("connection", "close")]),
        ends: 1,
        axum: "PROTOCOL_ERROR, goes on",
        actix: "PROTOCOL_ERROR, goes on",
    },
    Row {
        name: "a length that is too short",
        send: |d| with(d, &[("content-length", "3")]),
        ends: 1,
        axum: "PROTOCOL_ERROR, goes on",
        actix: "PROTOCOL_ERROR, goes on",
    },
    Row {
        name: "a length that is too long",
        send: |d| with(d, &[("content-length", "3000")]),
        ends: 1,
        axum: "PROTOCOL_ERROR, goes on",
        actix: "PROTOCOL_ERROR, goes on",
    },
    Row {
        name: "two lengths",
        send: |d| with(d, &[("content-length", &d.body.len().to_string()), ("content-length", "3")]),
        ends: 1,
        axum: "PROTOCOL_ERROR, goes on",
        actix: "200, goes on",
    },
    Row {
        name: "a request hidden in a value",
        send: |d| with(d, &[("x-other", "1\r\n\r\nGET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n")]),
        ends: 1,
        axum: "PROTOCOL_ERROR, closed",
        actix: "PROTOCOL_ERROR, closed",
    },
    Row {
        name: "a name in upper case",
        send: |d| with(d, &[("X-Nano-Signature", "v1=0")]),
        ends: 1,
        axum: "PROTOCOL_ERROR, closed",
        actix: "PROTOCOL_ERROR, closed",
    },
    Row {
        name: "the signature twice",
        send: |d| with(d, &[("x-nano-signature", &d.signature)]),
        ends: 1,
        axum: "duplicate_header, goes on",
        actix: "duplicate_header, goes on",
    },
    Row {
        name: "a pseudo-header behind the others",
        send: |d| with(d, &[(":path", "/hidden")]),
        ends: 1,
        axum: "PROTOCOL_ERROR, goes on",
        actix: "PROTOCOL_ERROR, goes on",
    },
    Row {
        name: "the signature in the trailers",
        send: |d| {
            let unsigned = block([(":method", "POST"), (":scheme", "http"), (":path", "/webhook"), ("x-nano-timestamp", &d.timestamp)]);
            [
                in_frames(1, 0, &unsigned),
                frame(DATA, 0, 1, &d.body),
                in_frames(1, END_STREAM, &block([("x-nano-signature", &*d.signature)])),
            ].concat()
        },
        ends: 1,
        axum: "missing_header, goes on",
        actix: "missing_header, goes on",
    },
    Row {
        name: "a header of 1 MB",
        send: |d| with(d, &[("x-other", &"x".repeat(1 << 20))]),
        ends: 1,
        axum: "ENHANCE_YOUR_CALM, closed",
        actix: "200, goes on",
    },
    Row {
        name: "40,000 names",
        send: |d| {
            let names: Vec<String> = (0..40_000).map(|index| format!("x{index}")).collect();
            let more: Vec<_> = names.iter().map(|name| (&**name, "")).collect();
            with(d, &more)
        },
        ends: 1,
        axum: "ENHANCE_YOUR_CALM, closed",
        actix: "closed",
    },
    Row {
        name: "8 KB that unpack to 16 MB",
        send: |d| {
            let mut block = head(d, &[]);
            // Into the dynamic table (RFC 7541, section 6.2.1), and then by its index.
            let mut entry = wire::block([("x", &*"x".repeat(4000))]);
            entry[0] = 0x40;
            block.extend(entry);
            block.extend([0x80 | 62; 4000]);
            request(1, &block, &d.body)
        },
        ends: 1,
        axum: "ENHANCE_YOUR_CALM, closed",
        actix: "200, goes on",
    },
    Row {
        name: "a head without end",
        send: |d| {
            let more = block([("x-other", &*"x".repeat(16_000))]);
            [
                frame(HEADERS, 0, 1, &head(d, &[])),
                frame(CONTINUATION, 0, 1, &more).repeat(2000),
            ].concat()
        },
        ends: 0,
        axum: "ENHANCE_YOUR_CALM, closed",
        actix: "ENHANCE_YOUR_CALM, closed",
    },
    Row {
        name: "a head of 100,000 empty frames",
        send: |d| [frame(HEADERS, 0, 1, &head(d, &[])), frame(CONTINUATION, 0, 1, b"").repeat(100_000)].concat(),
        ends: 0,
        axum: "ENHANCE_YOUR_CALM, closed",
        actix: "ENHANCE_YOUR_CALM, closed",
    },
    Row {
        name: "10,000 streams, each reset at once",
        send: |d| {
            let head = head(d, &[]);
            streams(10_000, |stream| [in_frames(stream, 0, &head), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat())
        },
        ends: 0,
        axum: "ENHANCE_YOUR_CALM, closed",
        actix: "ENHANCE_YOUR_CALM, closed",
    },
    Row {
        name: "3,000 streams without their bodies, and a delivery",
        send: |d| {
            let head = head(d, &[]);
            let held = streams(3000, |stream| in_frames(stream, 0, &head));
            [held, request(6001, &head, &d.body)].concat()
        },
        ends: 1,
        axum: "ENHANCE_YOUR_CALM, REFUSED_STREAM, closed",
        actix: "200, goes on",
    },
    Row {
        name: "a body behind 100,000 empty frames",
        send: |d| {
            let empty = frame(DATA, 0, 1, b"").repeat(100_000);
            let body = frame(DATA, END_STREAM, 1, &d.body);
            [in_frames(1, 0, &head(d, &[])), empty, body].concat()
        },
        ends: 1,
        axum: "ENHANCE_YOUR_CALM, closed",
        actix: "200, goes on",
    },
    Row {
        name: "100,000 pings",
        send: |_| frame(PING, 0, 0, b"12345678").repeat(100_000),
        ends: 0,
        axum: "goes on",
        actix: "goes on",
    },
    Row {
        name: "100,000 settings",
        send: |_| frame(SETTINGS, 0, 0, b"").repeat(100_000),
        ends: 0,
        axum: "goes on",
        actix: "goes on",
    },
    Row {
        name: "a frame that is too large",
        send: |d| [in_frames(1, 0, &head(d, &[])), frame(DATA, 0, 1, &[b'x'; 20_000])].concat(),
        ends: 0,
        axum: "FRAME_SIZE_ERROR, closed",
        actix: "FRAME_SIZE_ERROR, closed",
    },
    Row {
        name: "a window beyond 31 bits",
        send: |_| frame(WINDOW_UPDATE, 0, 0, &[0x7f, 0xff, 0xff, 0xff]).repeat(2),
        ends: 0,
        axum: "FLOW_CONTROL_ERROR, closed",
        actix: "FLOW_CONTROL_ERROR, closed",
    },
    Row {
        name: "data on no stream",
        send: |_| frame(DATA, 0, 0, b"{}"),
        ends: 0,
        axum: "PROTOCOL_ERROR, closed",
        actix: "PROTOCOL_ERROR, closed",
    },
    Row {
        name: "HTTP/1 in the middle",
        send: |d| d.wire(),
        ends: 0,
        axum: "FRAME_SIZE_ERROR, closed",
        actix: "FRAME_SIZE_ERROR, closed",
    },
];

#[tokio::test]
async fn every_stream_has_its_answer() {
    let axum = axum();
    let actix = actix();
    let idle = axum.tasks();
    let mut wrong = Vec::new();
    for (index, row) in ROWS.iter().enumerate() {
        for (framework, addr, expected) in [
            ("axum", axum.addr, row.axum),
            ("actix", actix.addr, row.actix),
        ] {
            let task = format!("stream_{index}");
            let wire = (row.send)(&Delivery::completed(SECRET, &task));
            let came = outcome(addr, wire, row.ends).await;
            still_serves(addr, &format!("after: {}", row.name)).await;
            if came != expected {
                wrong.push(format!(
                    "{framework}, {}: {came}\n    expected {expected}",
                    row.name
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
    let end = timeout(Connection::PATIENCE, listen).await;
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
