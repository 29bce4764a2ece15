//! The axum servers.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes, to_bytes};
use axum::error_handling::HandleErrorLayer;
use axum::extract::{DefaultBodyLimit, FromRef, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, post};
use axum::{Extension, Router};
use axum_standardwebhooks::{SharedWebhook, StandardWebhook};
use hmac::{Hmac, KeyInit as _, Mac as _};
use nano_webhook_axum::{Dedupe, UnixTime, Webhook, WebhookLayer};
use nano_webhook_bench_shared::SECRET;
use nano_webhook_bench_shared::peers::SCHEME;
use serde::Deserialize;
use sha2::Sha256;
use tower::ServiceBuilder;
use webhook_verify::Provider;
use webhook_verify::tower::VerifyLayer;

use crate::modes::{Mode, verifier};

pub(crate) fn run(mode: Mode) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let app = Router::new()
        .route("/webhook", handler(mode))
        .layer(DefaultBodyLimit::disable())
        .with_state(Standard(SharedWebhook::new(
            standardwebhooks::Webhook::from_bytes(SECRET.into())?,
        )));
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        axum::serve(listener, app).await?;
        Ok(())
    })
}

fn handler(mode: Mode) -> MethodRouter<Standard> {
    let layer = WebhookLayer::new(verifier(mode));
    match mode {
        Mode::Bare => post(async |_: Bytes| StatusCode::OK),
        Mode::Verified | Mode::SmallLimit => post(event).layer(layer),
        Mode::Once => post(event).layer(layer.dedupe(Dedupe::in_memory())),
        Mode::ByHand => post(async |_: Extension<Event>| StatusCode::OK)
            .layer(from_fn_with_state(Arc::default(), by_hand)),
        Mode::WebhookVerify => post(async |_: Bytes| StatusCode::OK).layer(
            ServiceBuilder::new()
                .layer(HandleErrorLayer::new(async |_| StatusCode::BAD_REQUEST))
                .layer(VerifyLayer::<Bytes>::new(
                    Provider::Custom(SCHEME),
                    webhook_verify::Secret::new(SECRET),
                ))
                .map_request(|request: Request<Bytes>| request.map(Body::from)),
        ),
        Mode::Standard => post(async |_: StandardWebhook<Bytes>| StatusCode::OK),
    }
}

async fn event(_: Webhook) -> StatusCode {
    StatusCode::OK
}

#[derive(Clone)]
struct Standard(SharedWebhook);

impl FromRef<Standard> for SharedWebhook {
    fn from_ref(state: &Standard) -> Self {
        state.0.clone()
    }
}

/// The documented payload.
#[derive(Clone, Deserialize)]
#[allow(dead_code)]
struct Event {
    event: String,
    task_id: String,
    data: Data,
}

#[derive(Clone, Deserialize)]
#[allow(dead_code)]
struct Data {
    url: String,
}

/// What a careful developer writes in half an hour: it forgets nothing, and marks a delivery
/// as seen before it is handled.
async fn by_hand(
    State(seen): State<Arc<Mutex<HashMap<String, ()>>>>,
    request: Request,
    next: Next,
) -> Response {
    let (mut head, body) = request.into_parts();
    let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(timestamp), Some(signature)) =
        (header("x-nano-timestamp"), header("x-nano-signature"))
    else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let age =
        (timestamp.parse().ok()).map(|signed: u64| UnixTime::now().as_secs().abs_diff(signed));
    let tag = signature
        .strip_prefix("v1=")
        .and_then(|digits| hex::decode(digits).ok());
    let (Some(0..=300), Some(tag)) = (age, tag) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    let Ok(body) = to_bytes(body, 256 << 10).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    mac.update(&body);
    if mac.verify_slice(&tag).is_err() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(event) = serde_json::from_slice::<Event>(&body) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let first = seen
        .lock()
        .expect("nothing panics")
        .insert(event.task_id.clone(), ());
    if first.is_some() {
        return StatusCode::OK.into_response();
    }
    head.extensions.insert(event);
    next.run(Request::from_parts(head, Body::from(body))).await
}
