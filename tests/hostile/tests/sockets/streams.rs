//! HTTP/2 from clients that break its rules: each row has its answer, and others are served
//! meanwhile and afterwards.
//!
//! What a row sends is followed by a ping. Its answer shows that the connection goes
//! on. Listed are 200, the codes of rejections, the errors with which streams are reset
//! or the connection is ended, and how it ended.

mod rows;
mod wire;

use std::collections::BTreeSet;
use std::net::SocketAddr;

use actix_web::{HttpResponse, web};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use nano_webhook_axum::{Secret, Verifier, Webhook, WebhookLayer};
use nano_webhook_hostile::{serve_actix, serve_axum};
use nano_webhook_test_kit::{PATIENCE, SignedRequest, poll};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout;

use self::rows::ROWS;
use self::wire::*;
use crate::{SECRET, still_serves};

#[tokio::test]
async fn every_stream_has_its_answer() {
    let axum = axum().await;
    let actix = actix();
    // The connections of axum's server are tasks of this runtime.
    let tasks = async || Handle::current().metrics().num_alive_tasks();
    let idle = tasks().await;
    let mut wrong = Vec::new();
    for (index, (name, send, ends, expected)) in ROWS.iter().enumerate() {
        for (framework, addr, expected) in
            [("axum", axum, expected[0]), ("actix", actix, expected[1])]
        {
            let wire = send(&SignedRequest::completed_now(&format!("stream_{index}")));
            let seen = outcome(addr, wire, *ends).await;
            still_serves(addr, &format!("after: {name}")).await;
            if seen != expected {
                wrong.push(format!("{framework}, {name}: {seen}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    poll(tasks, |now| *now <= idle).await;
}

fn verifier() -> Verifier {
    Verifier::new(Secret::new(SECRET).unwrap())
}

async fn axum() -> SocketAddr {
    let route = post(async |_: Webhook| StatusCode::OK).layer(WebhookLayer::new(verifier()));
    serve_axum(Router::new().route("/webhook", route)).await
}

fn actix() -> SocketAddr {
    let config = nano_webhook_actix::WebhookConfig::new(verifier());
    serve_actix(move |app| {
        let handler = async |_: nano_webhook_actix::Webhook| HttpResponse::Ok().finish();
        app.app_data(config.clone())
            .route("/webhook", web::post().to(handler));
    })
}

/// What is seen, and how the connection ended.
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
                (HEADERS, _) if payload.first() == Some(&0x88) => seen.extend(["200".to_owned()]),
                (DATA, _) => seen.extend(code(&payload)),
                (RST_STREAM, _) => seen.extend([reason(&payload)]),
                (GOAWAY, _) => seen.extend([reason(&payload[4..])]),
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
    let seen = seen.into_iter().chain([end.to_owned()]);
    seen.collect::<Vec<_>>().join(", ")
}

async fn next_frame(read: &mut (impl AsyncRead + Unpin)) -> std::io::Result<(u8, u8, Vec<u8>)> {
    let mut head = [0; 9];
    read.read_exact(&mut head).await?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; length as usize];
    read.read_exact(&mut payload).await?;
    Ok((head[3], head[4], payload))
}

fn code(body: &[u8]) -> Option<String> {
    let body = String::from_utf8_lossy(body);
    let (_, rest) = body.split_once(r#""code":""#)?;
    rest.split('"').next().map(str::to_owned)
}
