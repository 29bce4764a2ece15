//! Whole axum services in this process, no socket: what verifying adds to a
//! handler that takes the body.

use axum::Router;
use axum::body::Body;
use axum::error_handling::HandleErrorLayer;
use axum::extract::FromRef;
use axum::routing::post;
use axum_standardwebhooks::{SharedWebhook, StandardWebhook};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use nano_webhook_axum::{Delivery, Verifier, Webhook, WebhookLayer};
use nano_webhook_bench_shared::peers::{SCHEME, standard_headers};
use nano_webhook_bench_shared::{
    SECRET, completed, deliveries, forged_headers, secret, signed_at, signed_headers, small_store,
};
use tower::{Layer as _, Service, ServiceBuilder};
use webhook_verify::Provider;
use webhook_verify::tower::VerifyLayer;

use crate::rounds::{Case, processor_time};

pub(crate) const BARE: &str = "bare handler that takes the body";

pub(crate) fn services(group: &'static str) -> Vec<Case> {
    let body = completed(0);
    let one = |headers: HeaderMap| vec![(headers, body.clone())];
    let ours = one(signed_headers(signed_at(), &body));
    let forged = one(forged_headers(signed_at(), &body));
    let once = || WebhookLayer::new(Verifier::new(secret())).dedupe(small_store());
    let layer = || WebhookLayer::new(Verifier::new(secret()));
    let their_secret = || webhook_verify::Secret::new(SECRET);
    // As `axum::serve` does with a router, once, before the first request.
    let route = |handler| (Router::new().route("/webhook", handler)).with_state(());

    vec![
        case(group, BARE, route(post(bare)), &ours, 200),
        case(
            group,
            "nano-webhook: layer and extractor",
            route(post(event).layer(layer())),
            &ours,
            200,
        ),
        case(
            group,
            "nano-webhook: layer and extractor of the whole delivery",
            route(post(delivery).layer(layer())),
            &ours,
            200,
        ),
        case(
            group,
            "nano-webhook: layer around the router",
            layer().layer(route(post(event))),
            &ours,
            200,
        ),
        case(
            group,
            "nano-webhook: a forgery rejected",
            route(post(event).layer(layer())),
            &forged,
            401,
        ),
        case(
            group,
            "nano-webhook: handled once",
            route(post(event).layer(once())),
            &deliveries(signed_at()),
            200,
        ),
        case(
            group,
            "nano-webhook: a duplicate",
            route(post(event).layer(once())),
            &ours,
            200,
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
            200,
        ),
        case(
            group,
            "webhook-verify: layer around the router, no event",
            VerifyLayer::<Body>::new(Provider::Custom(SCHEME), their_secret())
                .layer(route(post(bare))),
            &ours,
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
            &one(standard_headers(signed_at(), &body)),
            200,
        ),
    ]
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
    mut service: S,
    requests: &[(HeaderMap, Bytes)],
    status: u16,
) -> Case
where
    S: Service<Request<Body>, Response = Response<B>> + 'static,
{
    let mut requests = requests.to_vec().into_iter().cycle();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    Case::timed(group, name, move |iterations| {
        runtime.block_on(async {
            let start = processor_time();
            for (headers, body) in requests.by_ref().take(iterations as usize) {
                let mut request = Request::new(Body::from(body));
                *request.method_mut() = http::Method::POST;
                *request.uri_mut() = http::Uri::from_static("/webhook");
                *request.headers_mut() = headers;
                match service.call(request).await {
                    Ok(response) => assert_eq!(response.status().as_u16(), status, "{name}"),
                    Err(_) => panic!("a service of this file answers every request"),
                }
            }
            processor_time().saturating_sub(start)
        })
    })
}
