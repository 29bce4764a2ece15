//! Whole services in this process: a bare handler that takes the body, and what the
//! adapters add to it. A service takes its requests one after the other.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use actix_web::body::MessageBody;
use actix_web::dev::Service as _;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::rt::System;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpResponse, web};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, Uri};
use axum::routing::{MethodRouter, post};
use nano_webhook_actix::{WebhookConfig, WebhookMiddleware};
use nano_webhook_axum::{Dedupe, Verifier, WebhookLayer};
use nano_webhook_bench_shared::{COMPLETED, forged_headers, secret, signed_headers};
use nano_webhook_core::Bytes;
use tower::Service as _;

use crate::paths::{Path, TIME};

type Requests = Vec<(HeaderMap, Bytes)>;

pub(crate) fn services() -> Vec<Path> {
    let body = Bytes::from_static(COMPLETED.as_bytes());
    let signed = || vec![(signed_headers(TIME, &body), body.clone())];
    let forged = || vec![(forged_headers(TIME, &body), body.clone())];
    // Two deliveries: the first walk is not counted.
    let new = || -> Requests {
        let bodies = ["task_001", "task_002"].map(|task| COMPLETED.replace("task_xxx", task));
        (bodies.into_iter().map(Bytes::from))
            .map(|body| (signed_headers(TIME, &body), body))
            .collect()
    };
    let layer = || WebhookLayer::new(verifier());
    let once = || layer().dedupe(Dedupe::in_memory());
    let config = || App::new().app_data(WebhookConfig::new(verifier()));
    let wrap = || WebhookMiddleware::new(verifier());
    let wrap_once = || wrap().dedupe(Dedupe::in_memory());
    let event = || web::resource("/webhook").to(actix_event);
    vec![
        axum("axum: bare", "200", signed(), post(axum_bare)),
        axum(
            "axum: layer",
            "200",
            signed(),
            post(axum_event).layer(layer()),
        ),
        axum(
            "axum: forgery",
            "401",
            forged(),
            post(axum_event).layer(layer()),
        ),
        axum(
            "axum: handled once",
            "200",
            new(),
            post(axum_event).layer(once()),
        ),
        axum(
            "axum: duplicate",
            "200",
            signed(),
            post(axum_event).layer(once()),
        ),
        actix(
            "actix: bare",
            "200",
            signed(),
            App::new().service(web::resource("/webhook").to(actix_bare)),
        ),
        actix(
            "actix: extractor",
            "200",
            signed(),
            config().service(event()),
        ),
        actix("actix: forgery", "401", forged(), config().service(event())),
        actix(
            "actix: middleware",
            "200",
            signed(),
            App::new().service(event().wrap(wrap())),
        ),
        actix(
            "actix: handled once",
            "200",
            new(),
            App::new().service(event().wrap(wrap_once())),
        ),
        actix(
            "actix: duplicate",
            "200",
            signed(),
            App::new().service(event().wrap(wrap_once())),
        ),
    ]
}

fn verifier() -> Verifier {
    let verifier = Verifier::builder(secret()).clock(|| TIME).build();
    verifier.expect("the settings are fine")
}

async fn axum_bare(_: Bytes) -> StatusCode {
    StatusCode::OK
}

async fn axum_event(_: nano_webhook_axum::Webhook) -> StatusCode {
    StatusCode::OK
}

async fn actix_bare(_: web::Bytes) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn actix_event(_: nano_webhook_actix::Webhook) -> HttpResponse {
    HttpResponse::Ok().finish()
}

fn axum(
    name: &'static str,
    outcome: &'static str,
    requests: Requests,
    handler: MethodRouter,
) -> Path {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let router = Router::new().route("/webhook", handler).with_state(());
    let router = RefCell::new(router);
    let next = in_turn(requests);
    let walk = move || {
        let (headers, body) = next();
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from_static("/webhook");
        *request.headers_mut() = headers;
        let response = runtime.block_on(router.borrow_mut().call(request));
        status(
            response
                .map(|response| response.status().as_u16())
                .unwrap_or_default(),
        )
    };
    Path {
        name,
        outcome,
        walk: Box::new(walk),
    }
}

fn actix<F, B>(name: &'static str, outcome: &'static str, requests: Requests, app: App<F>) -> Path
where
    F: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    let system = System::new();
    let service = Rc::new(system.block_on(init_service(app)));
    let next = in_turn(requests);
    let walk = move || {
        let (headers, body) = next();
        let mut request = TestRequest::post()
            .uri("/webhook")
            .set_payload(body)
            .to_request();
        for (name, value) in &headers {
            let name = HeaderName::from_bytes(name.as_str().as_bytes()).expect("a name");
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
            request.headers_mut().insert(name, value);
        }
        let response = system.block_on(service.call(request)).expect("it answers");
        status(response.status().as_u16())
    };
    Path {
        name,
        outcome,
        walk: Box::new(walk),
    }
}

/// The requests in turn; the last is repeated.
fn in_turn(requests: Requests) -> impl Fn() -> (HeaderMap, Bytes) {
    let count = Cell::new(0);
    move || {
        let index = count.replace(count.get() + 1).min(requests.len() - 1);
        requests[index].clone()
    }
}

fn status(status: u16) -> &'static str {
    match status {
        200 => "200",
        401 => "401",
        _ => "another status",
    }
}
