//! HTTP/2, where a refused stream must not take the connection with it.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::web::{self, Bytes};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use nano_webhook_actix::{Webhook, WebhookConfig, WebhookMiddleware};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{PATIENCE, SECRET, TestServer, builder, completed, now, signer};

type Body = BoxBody<Bytes, Infallible>;

async fn connect(server: &TestServer) -> SendRequest<Body> {
    let stream = TcpStream::connect(server.addr).await.unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    sender
}

fn request(signed_body: &str, timestamp: Option<&str>, body: Body) -> hyper::Request<Body> {
    let signed = signer().sign(now(), signed_body.as_bytes());
    hyper::Request::post("http://localhost/webhook")
        .header("x-nano-timestamp", timestamp.unwrap_or(signed.timestamp()))
        .header("x-nano-signature", signed.signature())
        .body(body)
        .unwrap()
}

fn whole(body: &str) -> Body {
    Full::new(Bytes::copy_from_slice(body.as_bytes())).boxed()
}

/// Sends a little, and never ends.
fn endless() -> Body {
    use futures_util::{StreamExt as _, stream};

    let first = stream::iter([Ok(Frame::data(Bytes::from_static(b"{")))]);
    BoxBody::new(StreamBody::new(first.chain(stream::pending())))
}

async fn answer(sender: &mut SendRequest<Body>, request: hyper::Request<Body>) -> (u16, String) {
    let answer = timeout(PATIENCE, sender.send_request(request))
        .await
        .unwrap()
        .unwrap();
    let status = answer.status().as_u16();
    assert!(!answer.headers().contains_key("connection"));
    let body = timeout(PATIENCE, answer.into_body().collect())
        .await
        .unwrap()
        .unwrap();
    let body = String::from_utf8(body.to_bytes().to_vec()).unwrap();
    (status, body)
}

#[actix_web::test]
async fn a_refused_stream_leaves_the_connection_alone() {
    let impatient = builder(SECRET)
        .body_timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    let handler = async |Webhook(event): Webhook| event.task_id().unwrap().to_owned();
    for middleware in [false, true] {
        let impatient = impatient.clone();
        let server = TestServer::start(move |app| {
            let route = web::post().to(handler);
            match middleware {
                true => app.route(
                    "/webhook",
                    route.wrap(WebhookMiddleware::new(impatient.clone())),
                ),
                false => app
                    .app_data(WebhookConfig::new(impatient.clone()))
                    .route("/webhook", route),
            };
        });
        let mut sender = connect(&server).await;
        let body = completed("a");

        let accepted = request(&body, None, whole(&body));
        assert_eq!(answer(&mut sender, accepted).await, (200, "a".to_owned()));

        for (code, request) in [
            (
                "timestamp_out_of_tolerance",
                request(&body, Some("1"), endless()),
            ),
            ("body_timeout", request(&body, None, endless())),
            ("signature_mismatch", request(&body, None, whole("{}"))),
            (
                "body_too_large",
                request(&body, None, whole(&"x".repeat(300_000))),
            ),
        ] {
            let (_, problem) = answer(&mut sender, request).await;
            assert!(
                problem.contains(&format!(r#""code":"{code}""#)),
                "{problem}"
            );
        }

        let accepted = request(&body, None, whole(&body));
        assert_eq!(answer(&mut sender, accepted).await, (200, "a".to_owned()));
    }
}
