//! What the layer promises to tower, to axum and to the services around it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod answers;
mod logs;
mod readiness;

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Extension;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use axum::routing::post;
use bytes::Bytes;
use nano_webhook_axum::{
    Dedupe, Delivery, Secret, Signer, UnixTime, Verifier, Webhook, WebhookEvent, WebhookLayer,
    signed_request,
};
use tower::util::MapRequestLayer;
use tower::{Layer as _, Service as _, ServiceBuilder, ServiceExt as _, service_fn};
use tower_http::add_extension::AddExtensionLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::normalize_path::NormalizePathLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveHeadersLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};
use tower_http::trace::TraceLayer;
use tower_http::validate_request::ValidateRequestHeaderLayer;

const BODY: &str = r#"{"event":"job.failed","task_id":"task_1","error":"no luck"}"#;

fn secret() -> Secret {
    Secret::new("a secret for tests only").unwrap()
}

fn layer() -> WebhookLayer {
    WebhookLayer::new(Verifier::new(secret()))
}

fn request(body: &'static str) -> Request<Body> {
    signed_request(&Signer::new(secret()), UnixTime::now(), "/webhook", body).unwrap()
}

fn forged() -> Request<Body> {
    request(BODY).map(|_| Body::from("{}"))
}

async fn on_event(Webhook(event): Webhook) -> String {
    event.task_id().unwrap_or_default().to_owned()
}

async fn text(answer: Response<Body>) -> String {
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The same answers, however the layer gets around the handler.
#[tokio::test]
async fn every_way_to_add_it() {
    let app = |handler| Router::new().route("/webhook", handler);
    let stack = ServiceBuilder::new().layer(layer());
    for (way, app) in [
        ("MethodRouter::layer", app(post(on_event).layer(layer()))),
        (
            "MethodRouter::route_layer",
            app(post(on_event).route_layer(layer())),
        ),
        ("Router::layer", app(post(on_event)).layer(layer())),
        (
            "Router::route_layer",
            app(post(on_event)).route_layer(layer()),
        ),
        ("ServiceBuilder", app(post(on_event).layer(stack))),
    ] {
        let accepted = app.clone().oneshot(request(BODY)).await.unwrap();
        assert_eq!(accepted.status(), StatusCode::OK, "{way}");
        assert_eq!(text(accepted).await, "task_1", "{way}");
        let refused = app.oneshot(forged()).await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{way}");
    }
}

/// A plain tower service gets the signed body, which was not copied, and a signature
/// that is not for logs.
#[tokio::test]
async fn plain_tower() {
    let sent = Bytes::from(BODY.as_bytes().to_vec());
    let address = sent.as_ptr();
    let mut service = layer().layer(service_fn(async |request: Request<Body>| {
        let headers = format!("{:?}", request.headers());
        assert!(!headers.contains("v1="), "{headers}");
        let delivery = request.extensions().get::<Delivery>().unwrap().clone();
        let read = to_bytes(request.into_body(), usize::MAX).await.unwrap();
        assert_eq!(&read, delivery.body());
        Ok::<_, Infallible>(Response::new(Body::from(read)))
    }));
    let request = request(BODY).map(|_| Body::from(sent));
    let answer = service.call(request).await.unwrap();
    let read = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    assert_eq!((&*read, read.as_ptr()), (BODY.as_bytes(), address));
}

#[tokio::test]
async fn every_extractor_gets_the_delivery() {
    async fn handler(
        Webhook(event): Webhook,
        Webhook(again): Webhook,
        Webhook(delivery): Webhook<Delivery>,
        Extension(extension): Extension<Delivery>,
        body: Bytes,
    ) -> Bytes {
        assert!(matches!(event, WebhookEvent::Failed(_)));
        for other in [&again, delivery.event(), extension.event()] {
            assert_eq!(other, &event);
        }
        body
    }
    let app = Router::new().route("/webhook", post(handler).layer(layer()));
    assert_eq!(text(app.oneshot(request(BODY)).await.unwrap()).await, BODY);
}

/// With re-serialised bodies, what was signed is not what was sent.
#[tokio::test]
async fn the_length_is_that_of_the_signed_body() {
    let verifier = Verifier::builder(secret()).accept_reserialized();
    let layer = WebhookLayer::new(verifier.build().unwrap());
    let mut service = layer.layer(service_fn(async |request: Request<Body>| {
        let length = &request.headers()[header::CONTENT_LENGTH];
        assert_eq!(*length, HeaderValue::from(BODY.len()));
        Ok::<_, Infallible>(Response::new(request.into_body()))
    }));
    let sent = BODY.replace(',', ", ");
    let length = HeaderValue::from(sent.len());
    let mut request = request(BODY).map(|_| Body::from(sent));
    request.headers_mut().insert(header::CONTENT_LENGTH, length);
    assert_eq!(text(service.call(request).await.unwrap()).await, BODY);
}

/// Each layer of tower-http that is put around a webhook, or inside it.
#[tokio::test]
async fn it_composes_with_the_layers_of_tower_http() {
    let minute = Duration::from_secs(60);
    let timeout = || TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, minute);
    let server = HeaderValue::from_static("test");
    let around = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http())
        .layer(SetSensitiveHeadersLayer::new([header::AUTHORIZATION]))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(RequestBodyLimitLayer::new(1 << 20))
        .layer(CompressionLayer::new())
        .layer(CorsLayer::permissive())
        .layer(timeout())
        .layer(ValidateRequestHeaderLayer::accept("*/*"))
        .layer(NormalizePathLayer::trim_trailing_slash())
        .layer(SetResponseHeaderLayer::overriding(header::SERVER, server))
        .layer(layer().dedupe(Dedupe::in_memory()))
        .layer(timeout())
        .layer(RequestBodyTimeoutLayer::new(minute))
        .layer(AddExtensionLayer::new(7_u8))
        .layer(MapRequestLayer::new(|request: Request<_>| {
            request.map(Body::new)
        }));
    let app = Router::new().route("/webhook", post(on_event).layer(around));
    for (request, status) in [
        (request(BODY), StatusCode::OK),
        (request(BODY), StatusCode::OK),
        (forged(), StatusCode::UNAUTHORIZED),
    ] {
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["server"], "test");
    }
}
