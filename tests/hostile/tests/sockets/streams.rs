//! HTTP/2 from clients that keep to no rule: what the framework makes of it, and that
//! others are served meanwhile and afterwards.
//!
//! What a row sends is followed by a ping. Its answer shows that the connection goes
//! on. Listed are 200, the codes of refusals, the errors with which streams are reset
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
use nano_webhook_hostile::{ActixServer, AxumServer};
use nano_webhook_test_kit::{PATIENCE, SignedRequest};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::rows::{ROWS, Row};
use self::wire::*;
use crate::{SECRET, still_serves};

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

/// The answer.
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
