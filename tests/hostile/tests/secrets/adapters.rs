//! Both adapters on sockets: HTTP/1 and HTTP/2, accepted and refused in every way.

use std::convert::Infallible;
use std::net::SocketAddr;

use actix_web::dev::{ServiceRequest, Transform as _, fn_service};
use actix_web::{HttpResponse, web};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use axum::routing::post;
use http_body_util::BodyExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use nano_webhook_actix::{
    Webhook as ActixWebhook, WebhookConfig, WebhookMiddleware, WebhookRejection as ActixRejection,
};
use nano_webhook_axum::{
    Dedupe, Delivery, UnixTime, Verifier, Webhook, WebhookError, WebhookLayer, WebhookRejection,
};
use nano_webhook_hostile::{ActixServer, AxumServer};
use nano_webhook_test_kit::Connection;
use tokio::net::TcpStream;
use tower::{Layer as _, Service as _, service_fn};

use crate::core::{rejected, secret, sign};
use crate::evidence::Evidence;
use crate::needles::Needles;
use crate::{CURRENT, FOREIGN, PREVIOUS};

fn verifier() -> Verifier {
    Verifier::builder(secret(CURRENT))
        .previous_secret(secret(PREVIOUS))
        .body_limit(10_000)
        .build()
        .unwrap()
}

pub(crate) async fn run(evidence: &mut Evidence, needles: &mut Needles) {
    values(evidence, needles).await;
    let axum = axum(evidence);
    let actix = actix(evidence);
    for addr in [axum.addr, actix.addr] {
        for path in ["/plain", "/dedupe", "/unconfigured"] {
            http1(evidence, needles, addr, path).await;
            http2(evidence, needles, addr, path).await;
        }
    }
}

fn axum(evidence: &mut Evidence) -> AxumServer {
    let layer = WebhookLayer::new(verifier());
    let dedupe = layer.clone().dedupe(Dedupe::in_memory());
    evidence.debug("axum's layer", &layer);
    evidence.debug("axum's deduplication layer", &dedupe);
    let rejected = async |webhook: Result<Webhook<Delivery>, WebhookRejection>| {
        tracing::info!(?webhook, "rejected");
        webhook.map(|_| ())
    };
    let handler = async |Webhook(delivery): Webhook<Delivery>| {
        tracing::info!(?delivery, "handled");
        match delivery.event().task_id() {
            Some("fail") => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::OK,
        }
    };
    let router = Router::new()
        .route("/plain", post(handler).layer(layer))
        .route("/dedupe", post(handler).layer(dedupe))
        .route("/unconfigured", post(rejected));
    AxumServer::start(router)
}

fn actix(evidence: &mut Evidence) -> ActixServer {
    let config = WebhookConfig::new(verifier());
    let dedupe = WebhookMiddleware::new(verifier()).dedupe(Dedupe::in_memory());
    evidence.debug("actix's configuration", &config);
    evidence.debug("actix's middleware", &WebhookMiddleware::new(verifier()));
    evidence.debug("actix's deduplication middleware", &dedupe);
    ActixServer::start(move |app| {
        let handler = async |ActixWebhook(delivery): ActixWebhook<Delivery>| {
            tracing::info!(?delivery, "handled");
            match delivery.event().task_id() {
                Some("fail") => HttpResponse::InternalServerError().finish(),
                _ => HttpResponse::Ok().finish(),
            }
        };
        let rejected = async |webhook: Result<ActixWebhook<Delivery>, ActixRejection>| {
            tracing::info!(?webhook, "rejected");
            webhook.map(|_| HttpResponse::Ok())
        };
        let plain = web::resource("/plain").app_data(config.clone());
        app.service(plain.route(web::post().to(handler)))
            .route("/dedupe", web::post().to(handler).wrap(dedupe.clone()))
            .route("/unconfigured", web::post().to(rejected));
    })
}

/// What the adapters print without a socket.
async fn values(evidence: &mut Evidence, needles: &mut Needles) {
    let body = r#"{"event":"job.failed","task_id":"values"}"#;
    let signed = sign(needles, CURRENT, &timestamp(), body.as_bytes());
    let request = |body| {
        let mut request = Request::post("/");
        for (name, value) in signed.to_pairs() {
            request = request.header(name, value);
        }
        request.body(Body::from(body)).unwrap()
    };
    let inner = service_fn(async |request: Request<Body>| {
        tracing::info!(?request, "handled");
        Ok::<_, Infallible>(Response::new(Body::from("done")))
    });
    let mut service = WebhookLayer::new(verifier())
        .dedupe(Dedupe::in_memory())
        .layer(inner);
    evidence.debug("axum's service", &service);
    let answer = service.call(request(body)).await.unwrap();
    evidence.debug("an answer", &answer);
    let answer = service.call(request("{}")).await.unwrap();
    evidence.debug("a rejection", &answer);
    rejected(evidence, answer.extensions().get::<WebhookError>().unwrap());

    let inner = fn_service(async |request: ServiceRequest| {
        Ok::<_, actix_web::Error>(request.into_response(HttpResponse::Ok().finish()))
    });
    let middleware = WebhookMiddleware::new(verifier()).dedupe(Dedupe::in_memory());
    let service = middleware.new_transform(inner).await.unwrap();
    evidence.debug("actix's service", &service);
}

/// Signed in this second, so that the window is open.
fn timestamp() -> String {
    UnixTime::now().as_secs().to_string()
}

async fn http1(evidence: &mut Evidence, needles: &mut Needles, addr: SocketAddr, path: &str) {
    let body = |task: &str| {
        format!(r#"{{"event":"job.completed","task_id":"{task}","data":{{"url":"https://a/b"}}}}"#)
    };
    let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n");
    let task = path.trim_start_matches('/');
    for (key, body) in [
        (CURRENT, body(task)),
        (CURRENT, body(task)),
        (PREVIOUS, body("previous")),
        (FOREIGN, body("foreign")),
        (CURRENT, body("fail")),
        (CURRENT, r#"{"event":"job.completed"}"#.to_owned()),
        (
            CURRENT,
            format!(r#"{{"event":"big","padding":"{}"}}"#, "x".repeat(10_000)),
        ),
    ] {
        let signed = sign(needles, key, &timestamp(), body.as_bytes());
        let (timestamp, signature) = (signed.timestamp(), signed.signature());
        let signature_line = format!("X-Nano-Signature: {signature}\r\n");
        let timestamp_line = format!("X-Nano-Timestamp: {timestamp}\r\n");
        let length = format!("Content-Length: {}\r\n", body.len());
        let chunk = format!(
            "Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n",
            body.len()
        );
        for rest in [
            format!("{timestamp_line}{signature_line}{length}\r\n{body}"),
            format!("{timestamp_line}{signature_line}{chunk}0\r\n\r\n"),
            // Refused, each in its own way; some by the framework.
            format!("{signature_line}{length}\r\n{body}"),
            format!("{timestamp_line}{signature_line}{signature_line}{length}\r\n{body}"),
            format!("X-Nano-Timestamp: 1\r\n{signature_line}{length}\r\n{body}"),
            format!("{timestamp_line}X-Nano-Signature: {signature}0\r\n{length}\r\n{body}"),
            format!("{timestamp_line}{signature_line}{length}Content-Encoding: gzip\r\n\r\n{body}"),
            format!("{timestamp_line}{signature_line}{chunk}no chunk\r\n"),
            format!("{timestamp_line}{signature_line}Content-Length: many\r\n\r\n"),
            format!("{timestamp_line}X-Nano-Signature:\0{signature}\r\n{length}\r\n{body}"),
            format!("{timestamp_line}{signature}\r\n{length}\r\n{body}"),
        ] {
            let mut connection = Connection::open(addr).await;
            let answer = connection.exchange(format!("{head}{rest}")).await;
            evidence.debug("an answer over HTTP/1", &answer);
            if let Ok(answer) = answer {
                evidence.text("an answer's body", answer.text());
            }
        }
        // Half of it, and gone.
        let mut connection = Connection::open(addr).await;
        let half = format!("{head}{timestamp_line}{signature_line}{length}\r\n{{");
        connection.send(half).await;
        connection.close_sending_side().await;
        evidence.debug("an answer to half a body", &connection.receive().await);
    }
}

async fn http2(evidence: &mut Evidence, needles: &mut Needles, addr: SocketAddr, path: &str) {
    let io = TokioIo::new(TcpStream::connect(addr).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
        .await
        .unwrap();
    tokio::spawn(connection);
    for key in [CURRENT, FOREIGN] {
        let body = r#"{"event":"job.failed","task_id":"http2"}"#;
        let signed = sign(needles, key, &timestamp(), body.as_bytes());
        let mut request = Request::post(format!("http://{addr}{path}"));
        for (name, value) in signed.to_pairs() {
            let mut value = HeaderValue::from_str(value).unwrap();
            // This client logs as well.
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        let request = request.body(Body::from(body)).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        evidence.debug("an answer over HTTP/2", &answer);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        evidence.text("its body", String::from_utf8_lossy(&body));
    }
}
