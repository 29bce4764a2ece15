//! Both adapters on sockets: HTTP/1 and HTTP/2, accepted and rejected in every way.

use std::convert::Infallible;
use std::net::SocketAddr;

use actix_web::dev::{ServiceRequest, Transform as _, fn_service};
use actix_web::{HttpResponse, web};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use axum::routing::post;
use nano_webhook_actix::{
    Webhook as ActixWebhook, WebhookConfig, WebhookMiddleware, WebhookRejection as ActixRejection,
};
use nano_webhook_axum::{
    Dedupe, Delivery, Verifier, Webhook, WebhookError, WebhookLayer, WebhookRejection,
};
use nano_webhook_hostile::{serve_actix, serve_axum};
use nano_webhook_test_kit::{Connection, Http2, changed};
use tower::{Layer as _, Service as _, service_fn};

use crate::core::{rejected, secret};
use crate::search::{Search, with_other_heads};
use crate::{CURRENT, FOREIGN, PREVIOUS};

fn verifier() -> Verifier {
    Verifier::builder(secret(CURRENT))
        .previous_secret(secret(PREVIOUS))
        .body_limit(10_000)
        .build()
        .unwrap()
}

pub(crate) async fn run(search: &mut Search) {
    values(search).await;
    let axum = axum(search).await;
    let actix = actix(search);
    for addr in [axum, actix] {
        for path in ["/plain", "/dedupe", "/unconfigured"] {
            http1(search, addr, path).await;
            http2(search, addr, path).await;
        }
    }
}

async fn axum(search: &mut Search) -> SocketAddr {
    let layer = WebhookLayer::new(verifier());
    let dedupe = layer.clone().dedupe(Dedupe::in_memory());
    search.debug("axum's layer", &layer);
    search.debug("axum's deduplication layer", &dedupe);
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
    serve_axum(router).await
}

fn actix(search: &mut Search) -> SocketAddr {
    let config = WebhookConfig::new(verifier());
    let dedupe = WebhookMiddleware::new(verifier()).dedupe(Dedupe::in_memory());
    search.debug("actix's configuration", &config);
    search.debug("actix's middleware", &WebhookMiddleware::new(verifier()));
    search.debug("actix's deduplication middleware", &dedupe);
    serve_actix(move |app| {
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
async fn values(search: &mut Search) {
    let body = r#"{"event":"job.failed","task_id":"values"}"#;
    let signed = search.signed_now(CURRENT, body);
    let request = |body| {
        let mut request = Request::post("/");
        for (name, value) in &signed.headers {
            request = request.header(name, &**value);
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
    search.debug("axum's service", &service);
    let answer = service.call(request(body)).await.unwrap();
    search.debug("an answer", &answer);
    let answer = service.call(request("{}")).await.unwrap();
    search.debug("a rejection", &answer);
    rejected(search, answer.extensions().get::<WebhookError>().unwrap());

    let inner = fn_service(async |request: ServiceRequest| {
        Ok::<_, actix_web::Error>(request.into_response(HttpResponse::Ok().finish()))
    });
    let middleware = WebhookMiddleware::new(verifier()).dedupe(Dedupe::in_memory());
    let service = middleware.new_transform(inner).await.unwrap();
    search.debug("actix's service", &service);
}

async fn http1(search: &mut Search, addr: SocketAddr, path: &str) {
    let body = |task: &str| {
        format!(r#"{{"event":"job.completed","task_id":"{task}","data":{{"url":"https://a/b"}}}}"#)
    };
    let task = path.trim_start_matches('/');
    let large = format!(r#"{{"event":"big","padding":"{}"}}"#, "x".repeat(10_000));
    for (key, body) in [
        (CURRENT, body(task)),
        (CURRENT, body(task)),
        (PREVIOUS, body("previous")),
        (FOREIGN, body("foreign")),
        (CURRENT, body("fail")),
        (CURRENT, r#"{"event":"job.completed"}"#.to_owned()),
        (CURRENT, large),
    ] {
        let mut request = search.signed_now(key, &body);
        request.path = path.to_owned();
        let in_one_chunk = request.chunked(body.len());
        // Some are rejected by the framework.
        let broken = [
            in_one_chunk.clone(),
            changed(in_one_chunk, "\r\n0\r\n\r\n", "\r\nno chunk\r\n"),
            request.head("content-length: many\r\n"),
            changed(request.whole(), "x-nano-signature: ", "x-nano-signature:\0"),
            changed(request.whole(), "x-nano-signature: ", ""),
        ];
        let heads = with_other_heads(&request).map(|request| request.whole());
        for wire in heads.into_iter().chain(broken) {
            let answer = Connection::open(addr).await.exchange(wire).await;
            search.debug("an answer over HTTP/1", &answer);
            if let Ok(answer) = answer {
                search.text("an answer's body", answer.text());
            }
        }
        // Half of it, and gone.
        let mut connection = Connection::open(addr).await;
        let head = request.head("content-length: {length}\r\n");
        connection.send([&*head, b"{"].concat()).await;
        connection.close_sending_side().await;
        search.debug("an answer to half a body", &connection.receive().await);
    }
}

async fn http2(search: &mut Search, addr: SocketAddr, path: &str) {
    let mut connection = Http2::connect(addr).await.unwrap();
    for key in [CURRENT, FOREIGN] {
        let mut request = search.signed_now(key, r#"{"event":"job.failed","task_id":"http2"}"#);
        request.path = path.to_owned();
        let answer = connection.exchange(&request).await.unwrap();
        search.debug("an answer over HTTP/2", &answer);
        search.text("its body", answer.text());
    }
}
