//! What is special about HTTP/1 in actix. The rest is in the contract.

use actix_web::{HttpResponse, body, web};
use futures_util::future::join_all;
use nano_webhook_actix::{Webhook, WebhookConfig, WebhookMiddleware};
use nano_webhook_conformance::Connection;

use tokio::time::timeout;

use crate::support::{PATIENCE, TestServer, TestStore, completed, head, verifier};

async fn handler(_: Webhook) -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// One server with every way to receive.
fn server() -> (TestServer, [&'static str; 4]) {
    let server = TestServer::start(|app| {
        let config = WebhookConfig::new(verifier());
        let middleware = WebhookMiddleware::new(verifier());
        let dedupe = middleware.clone().dedupe(TestStore::new().0).unwrap();
        let custom = config.clone().on_rejection(|error, _| match error.code() {
            "missing_header" => HttpResponse::NoContent().body(body::None::new()),
            code => HttpResponse::Forbidden().body(code),
        });
        app.app_data(config)
            .route("/extractor", web::post().to(handler))
            .route("/middleware", web::post().to(handler).wrap(middleware))
            .route("/dedupe", web::post().to(handler).wrap(dedupe))
            .service(
                web::resource("/custom")
                    .app_data(custom)
                    .route(web::post().to(handler)),
            );
    });
    (server, ["/extractor", "/middleware", "/dedupe", "/custom"])
}

/// What is wrong, its head, and its status.
fn refused() -> [(&'static str, String, u16); 4] {
    let fine = head(&completed("a"));
    [
        (
            "missing_header",
            "POST /webhook HTTP/1.1\r\nHost: localhost\r\n".to_owned(),
            401,
        ),
        (
            "timestamp_out_of_tolerance",
            fine.replace("1734948000", "1734947000"),
            401,
        ),
        ("malformed_signature", fine.replace("v1=", "v2="), 400),
        (
            "unsupported_content_encoding",
            format!("{fine}Content-Encoding: gzip\r\n"),
            415,
        ),
    ]
}

async fn expect(connection: &mut Connection, way: &str, code: &str, status: u16) {
    let answer = connection.receive().await.unwrap();
    match (way, code) {
        ("/custom", "missing_header") => assert_eq!(answer.status, 204),
        ("/custom", _) => assert_eq!((answer.status, &*answer.body), (403, code.as_bytes())),
        _ => {
            assert_eq!(answer.status, status, "{way} {code}");
            assert_eq!(answer.code().as_deref(), Some(code), "{way}");
        }
    }
    let header = answer.header("connection");
    assert_eq!(header, Some("close"), "{way} {code}");
}

/// Left alone, actix reads a chunked body to its end when its payload is dropped,
/// and waits for it for ever.
#[actix_web::test]
async fn a_client_that_never_sends_its_body_is_answered_and_closed() {
    let (server, ways) = server();
    let mut lingering = Vec::new();
    for way in ways {
        for (code, head, status) in refused() {
            for framing in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
                let head = head.replace("/webhook", way);
                let mut client = server.connect().await;
                client
                    .send(format!("{head}{framing}\r\n\r\n").as_bytes())
                    .await;
                expect(&mut client, way, code, status).await;
                lingering.push(client);
            }
        }
    }
    let closed = lingering.iter_mut().map(Connection::until_closed);
    for closed in join_all(closed).await {
        closed.unwrap();
    }
}

#[actix_web::test]
async fn a_client_that_never_stops_is_answered_and_closed() {
    let (server, ways) = server();
    let mut sending = Vec::new();
    for way in ways {
        let too_large = ("body_too_large", head(""), 413);
        for (code, head, status) in refused().into_iter().chain([too_large]) {
            let head = head.replace("/webhook", way);
            let mut client = server.connect().await;
            client
                .send(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes())
                .await;
            if status == 413 {
                client
                    .send(format!("50000\r\n{}\r\n", "x".repeat(0x50000)).as_bytes())
                    .await;
            }
            expect(&mut client, way, code, status).await;
            sending.push(async move { while client.try_send(b"4\r\nmore\r\n").await.is_ok() {} });
        }
    }
    timeout(PATIENCE, join_all(sending)).await.unwrap();
}

/// A line that is no chunk size is found by actix, and told to the payload.
#[actix_web::test]
async fn a_body_that_is_not_framed_is_incomplete() {
    let (server, ways) = server();
    for way in ways {
        let head = head("").replace("/webhook", way);
        let mut client = server.connect().await;
        client
            .send(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes())
            .await;
        client.send(b"no chunk\r\n").await;
        expect(&mut client, way, "body_incomplete", 400).await;
    }
}
