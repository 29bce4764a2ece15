//! The vectors and the HTTP contract, against `axum::serve`.
#![allow(clippy::unwrap_used)]

use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use nano_webhook_axum::{Dedupe, Delivery, Webhook, WebhookLayer};
use nano_webhook_conformance::{
    Probe, Server, Settings, Target, event_json, run_contract, run_dedupe_contract,
    run_vectors_over_http,
};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

#[tokio::test]
async fn vectors() {
    run_vectors_over_http(&Axum::default()).await;
}

#[tokio::test]
async fn contract() {
    run_contract(&Axum::default()).await;
}

#[tokio::test]
async fn claims() {
    run_dedupe_contract(&Axum::default()).await;
}

/// On a route and again on its router: the inner layer passes through.
#[tokio::test]
async fn claims_of_two_layers() {
    run_dedupe_contract(&Axum { twice: true }).await;
}

#[derive(Default)]
struct Axum {
    twice: bool,
}

impl Target for Axum {
    async fn start(&self, settings: Settings) -> Server {
        let layer = WebhookLayer::new(settings.verifier());
        serve(Router::new().route("/webhook", post(echo).layer(layer))).await
    }

    async fn start_unconfigured(&self) -> Server {
        serve(Router::new().route("/webhook", post(echo))).await
    }

    async fn start_with_dedupe(&self, settings: Settings, dedupe: Dedupe, probe: Probe) -> Server {
        let layer = WebhookLayer::new(settings.verifier()).dedupe(dedupe);
        let handler = async move |Webhook(delivery): Webhook<Delivery>| {
            StatusCode::from_u16(probe.handle(&delivery).await).unwrap()
        };
        let app = Router::new().route("/webhook", post(handler).layer(layer.clone()));
        serve(match self.twice {
            true => app.layer(layer),
            false => app,
        })
        .await
    }
}

async fn echo(Webhook(delivery): Webhook<Delivery>) -> Json<Value> {
    Json(event_json(&delivery))
}

/// HTTP/1.1 and HTTP/2 on one port, without TLS.
async fn serve(app: Router) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
    Server::new(addr, tasks)
}
