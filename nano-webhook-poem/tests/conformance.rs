//! The vectors, the HTTP contract and the claims contract, against poem's own server.
#![allow(clippy::unwrap_used)]

use nano_webhook_conformance::{
    Probe, Server, Settings, Target, event_json, run_contract, run_dedupe_contract,
    run_vectors_over_http,
};
use nano_webhook_poem::{Dedupe, Delivery, Webhook, WebhookMiddleware};
use poem::http::StatusCode;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::web::Data;
use poem::{EndpointExt as _, IntoEndpoint, Response, Route, handler, post};
use tokio::task::JoinSet;

#[tokio::test]
async fn vectors() {
    run_vectors_over_http(&Poem::default()).await;
}

#[tokio::test]
async fn contract() {
    run_contract(&Poem::default()).await;
}

#[tokio::test]
async fn claims() {
    run_dedupe_contract(&Poem::default()).await;
}

/// On a route and again around all routes: the inner middleware passes through.
#[tokio::test]
async fn claims_of_two_middlewares() {
    run_dedupe_contract(&Poem { twice: true }).await;
}

#[derive(Default)]
struct Poem {
    twice: bool,
}

impl Target for Poem {
    async fn start(&self, settings: Settings) -> Server {
        let webhooks = WebhookMiddleware::new(settings.verifier());
        serve(Route::new().at("/webhook", post(echo).with(webhooks))).await
    }

    async fn start_unconfigured(&self) -> Server {
        serve(Route::new().at("/webhook", post(echo))).await
    }

    async fn start_with_dedupe(&self, settings: Settings, dedupe: Dedupe, probe: Probe) -> Server {
        let webhooks = WebhookMiddleware::new(settings.verifier()).dedupe(dedupe);
        let handler = post(probed).data(probe).with(webhooks.clone());
        let app = Route::new().at("/webhook", handler);
        match self.twice {
            true => serve(app.with(webhooks)).await,
            false => serve(app).await,
        }
    }
}

#[handler]
async fn echo(Webhook(delivery): Webhook<Delivery>) -> Response {
    Response::builder()
        .content_type("application/json")
        .body(event_json(&delivery).to_string())
}

#[handler]
async fn probed(Webhook(delivery): Webhook<Delivery>, Data(probe): Data<&Probe>) -> StatusCode {
    StatusCode::from_u16(probe.handle(&delivery).await).unwrap()
}

/// HTTP/1.1 and HTTP/2 on one port, without TLS.
async fn serve<E>(app: E) -> Server
where
    E: IntoEndpoint + Send + 'static,
    E::Endpoint: 'static,
{
    let acceptor = TcpListener::bind("127.0.0.1:0")
        .into_acceptor()
        .await
        .unwrap();
    let addr = *acceptor
        .local_addr()
        .first()
        .unwrap()
        .as_socket_addr()
        .unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(poem::Server::new_with_acceptor(acceptor).run(app));
    Server::new(addr, tasks)
}
