//! What needs a server: connections that end, and workers that do.

use std::net::SocketAddr;

use actix_web::body::None as NoBody;
use actix_web::dev::Server;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt};
use futures_util::future::join_all;
use nano_webhook_actix::{Dedupe, Delivery, ErrorKind, Webhook, WebhookError, WebhookMiddleware};
use nano_webhook_conformance::Probe;
use nano_webhook_test_kit::{Connection, PATIENCE, SignedRequest};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{WAYS, every_way, verifier};

fn serve(
    workers: usize,
    configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> (SocketAddr, Server) {
    let server = HttpServer::new(move || App::new().configure(configure.clone()))
        .workers(workers)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
    (server.addrs()[0], server.run())
}

/// Left alone, actix reads a chunked body to its end when its payload is dropped, and
/// waits for it without a limit. Core's answers are in the contract.
#[actix_web::test]
async fn a_hooks_answer_closes_a_connection_with_an_unread_body() {
    fn hook(error: &WebhookError, _: &HttpRequest) -> HttpResponse {
        match error.kind() {
            ErrorKind::MissingHeader => HttpResponse::NoContent().body(NoBody::new()),
            _ => HttpResponse::Forbidden().body(error.code()),
        }
    }
    async fn handler(_: Webhook) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
    let (addr, server) = serve(1, move |app| every_way(handler, Some(hook))(app));
    rt::spawn(server);
    let mut open = Vec::new();
    for way in WAYS {
        let signed = SignedRequest::for_task("a");
        for (request, status) in [
            (signed.clone().without("x-nano-signature"), 204),
            (signed.with("x-nano-timestamp", "1"), 403),
        ] {
            for framing in ["content-length: 1000\r\n", "transfer-encoding: chunked\r\n"] {
                let head = String::from_utf8(request.head(framing)).unwrap();
                let head = head.replace("/webhook", way);
                let mut connection = Connection::open(addr).await;
                connection.send(head.as_bytes()).await;
                let answer = connection.receive().await.unwrap();
                assert_eq!(answer.status, status, "{way} {framing}");
                assert_eq!(
                    answer.header("connection"),
                    Some("close"),
                    "{way} {framing}"
                );
                open.push(connection);
            }
        }
    }
    for closed in join_all(open.iter_mut().map(Connection::until_closed)).await {
        closed.unwrap();
    }
}

/// The order that the docs of `WebhookMiddleware` tell: pause, drain, stop.
#[actix_web::test]
async fn handlers_without_a_client_end_before_their_worker() {
    let dedupe = Dedupe::in_memory();
    let webhooks = WebhookMiddleware::new(verifier()).dedupe(dedupe.clone());
    let probe = Probe::default();
    let (addr, server) = serve(2, {
        let probe = probe.clone();
        move |app| {
            let probe = probe.clone();
            let handler = move |Webhook(delivery): Webhook<Delivery>| {
                let probe = probe.clone();
                async move {
                    probe.handle(&delivery).await;
                    HttpResponse::Ok().finish()
                }
            };
            app.service(web::resource("/webhook").to(handler).wrap(webhooks.clone()));
        }
    });
    let handle = server.handle();
    let ended = rt::spawn(server);

    for (number, task) in (1..).zip(["hold a", "hold b", "hold c"]) {
        let mut client = TcpStream::connect(addr).await.unwrap();
        // Dropped, it resets its connection.
        client.set_zero_linger().unwrap();
        let request = SignedRequest::for_task(task).whole();
        client.write_all(&request).await.unwrap();
        probe.until_begun(number).await.unwrap();
    }
    handle.pause().await;
    assert_eq!(dedupe.in_flight(), 3);
    (0..3).for_each(|_| probe.let_go());
    timeout(PATIENCE, dedupe.drained()).await.unwrap();
    timeout(PATIENCE, handle.stop(true)).await.unwrap();
    timeout(PATIENCE, ended).await.unwrap().unwrap().unwrap();
    assert_eq!(probe.ended(), 3);
}
