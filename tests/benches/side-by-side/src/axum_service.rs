//! Whole axum services in this process, no socket: what verifying adds to a
//! handler that takes the body.

use std::future::Future;

use axum::Router;
use axum::body::Body;
use axum::error_handling::HandleErrorLayer;
use axum::extract::FromRef;
use axum::routing::post;
use axum_standardwebhooks::{SharedWebhook, StandardWebhook};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use nano_webhook_axum::{Delivery, Verifier, Webhook, WebhookLayer};
use tower::{Layer as _, Service, ServiceBuilder};
use webhook_verify::Provider;
use webhook_verify::tower::VerifyLayer;

use crate::delivery::{SECRET, completed, secret, set, signed_headers};
use crate::peers::{SCHEME, standard_headers};
use crate::rounds::{Case, processor_time};

pub(crate) const BARE: &str = "bare handler that takes the body";

pub(crate) fn services(group: &'static str) -> Vec<Case> {
    let body = completed(0);
    let ours = signed_headers(&body);
    let mut forged = ours.clone();
    set(
        &mut forged,
        "x-nano-signature",
        &format!("v1={}", "0".repeat(64)),
    );
    let layer = || WebhookLayer::new(Verifier::new(secret()));
    let their_secret = || webhook_verify::Secret::new(SECRET);
    // As `axum::serve` does with a router, once, before the first request.
    let route = |handler| (Router::new().route("/webhook", handler)).with_state(());

    #[allow(unused_mut)]
    let mut cases = vec![
        case(group, BARE, route(post(bare)), &ours, &body, 200),
        case(
            group,
            "nano-webhook: layer and extractor",
            route(post(event).layer(layer())),
            &ours,
            &body,
            200,
        ),
        case(
            group,
            "nano-webhook: layer and extractor of the whole delivery",
            route(post(delivery).layer(layer())),
            &ours,
            &body,
            200,
        ),
        case(
            group,
            "nano-webhook: layer around the router",
            layer().layer(route(post(event))),
            &ours,
            &body,
            200,
        ),
        case(
            group,
            "nano-webhook: a forgery refused",
            route(post(event).layer(layer())),
            &forged,
            &body,
            401,
        ),
        case(
            group,
            "webhook-verify: layer, no event",
            route(
                post(bare).layer(
                    ServiceBuilder::new()
                        .layer(HandleErrorLayer::new(async |_| StatusCode::BAD_REQUEST))
                        // With axum's body it is not Clone, which a route asks for.
                        .layer(VerifyLayer::<Bytes>::new(
                            Provider::Custom(SCHEME),
                            their_secret(),
                        ))
                        .map_request(|request: Request<Bytes>| request.map(Body::from)),
                ),
            ),
            &ours,
            &body,
            200,
        ),
        case(
            group,
            "webhook-verify: layer around the router, no event",
            VerifyLayer::<Body>::new(Provider::Custom(SCHEME), their_secret())
                .layer(route(post(bare))),
            &ours,
            &body,
            200,
        ),
        case(
            group,
            "axum-standardwebhooks: extractor, no event",
            Router::new()
                .route("/webhook", post(standard))
                .with_state(Standard(SharedWebhook::new(
                    standardwebhooks::Webhook::from_bytes(SECRET.into()).expect("a secret"),
                ))),
            &standard_headers(&body),
            &body,
            200,
        ),
    ];
    #[cfg(feature = "large-peers")]
    cases.extend(older::services(group, &body));
    cases
}

async fn bare(_: Bytes) -> StatusCode {
    StatusCode::OK
}

async fn event(_: Webhook) -> StatusCode {
    StatusCode::OK
}

async fn delivery(_: Webhook<Delivery>) -> StatusCode {
    StatusCode::OK
}

async fn standard(_: StandardWebhook<Bytes>) -> StatusCode {
    StatusCode::OK
}

#[derive(Clone)]
struct Standard(SharedWebhook);

impl FromRef<Standard> for SharedWebhook {
    fn from_ref(state: &Standard) -> Self {
        state.0.clone()
    }
}

fn case<S, B>(
    group: &'static str,
    name: &'static str,
    service: S,
    headers: &HeaderMap,
    body: &Bytes,
    status: u16,
) -> Case
where
    S: Service<Request<Body>, Response = Response<B>> + 'static,
{
    let body = body.clone();
    run(group, name, service, headers, status, move || {
        Body::from(body.clone())
    })
}

fn run<S, ReqBody, B>(
    group: &'static str,
    name: &'static str,
    mut service: S,
    headers: &HeaderMap,
    status: u16,
    body: impl Fn() -> ReqBody + 'static,
) -> Case
where
    S: Service<Request<ReqBody>, Response = Response<B>> + 'static,
{
    let headers = headers.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    Case::timed(group, name, move |iterations| {
        runtime.block_on(async {
            let start = processor_time();
            for _ in 0..iterations {
                let response = call(&mut service, &headers, body()).await;
                assert_eq!(response.status().as_u16(), status, "{name}");
            }
            processor_time().saturating_sub(start)
        })
    })
}

fn call<S: Service<Request<ReqBody>, Response = Response<B>>, ReqBody, B>(
    service: &mut S,
    headers: &HeaderMap,
    body: ReqBody,
) -> impl Future<Output = Response<B>> {
    let mut request = Request::new(body);
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = http::Uri::from_static("/webhook");
    *request.headers_mut() = headers.clone();
    let answer = service.call(request);
    async {
        match answer.await {
            Ok(response) => response,
            Err(_) => panic!("a service of this file answers every request"),
        }
    }
}

/// webhooksmith-axum is for axum 0.7, so it is measured over a bare handler there.
#[cfg(feature = "large-peers")]
mod older {
    use axum_07::Router;
    use axum_07::routing::post;
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use webhooksmith_axum::{VerifiedWebhook, WebhookSecretLayer};

    use super::{bare, run};
    use crate::delivery::{SECRET, set, signed_at, usual_headers};
    use crate::rounds::Case;

    pub(super) fn services(group: &'static str, body: &Bytes) -> Vec<Case> {
        vec![
            case(
                group,
                "axum 0.7: bare handler that takes the body",
                Router::new().route("/webhook", post(bare)),
                body,
            ),
            case(
                group,
                "axum 0.7: webhooksmith-axum, layer and extractor",
                Router::new()
                    .route("/webhook", post(verified))
                    .layer(WebhookSecretLayer::new(SECRET)),
                body,
            ),
        ]
    }

    async fn verified(_: VerifiedWebhook) -> StatusCode {
        StatusCode::OK
    }

    fn case(group: &'static str, name: &'static str, service: Router, body: &Bytes) -> Case {
        let headers = headers(body);
        let body = body.clone();
        run(group, name, service, &headers, 200, move || {
            axum_07::body::Body::from(body.clone())
        })
    }

    fn headers(body: &[u8]) -> HeaderMap {
        let time = signed_at().as_secs();
        let signature = webhooksmith::signing::sign(SECRET, time as i64, body).expect("any secret");
        let mut headers = usual_headers(body);
        set(&mut headers, "x-hooksmith-timestamp", &time.to_string());
        set(&mut headers, "x-hooksmith-signature", &signature);
        headers
    }
}
