//! The order that the docs of `DedupeMiddleware` tell: pause, drain, stop.

use actix_web::web;
use nano_webhook_actix::WebhookMiddleware;
use tokio::time::timeout;

use crate::support::{Call, Gate, PATIENCE, TestServer, TestStore, impatient_client, verifier};

#[actix_web::test]
async fn handlers_without_a_client_end_before_their_worker() {
    let (store, mut calls) = TestStore::new();
    let webhooks = WebhookMiddleware::new(verifier()).dedupe(store).unwrap();
    let in_flight = webhooks.in_flight();
    let (gate, mut keeper) = Gate::new();
    let server = TestServer::with_workers(2, move |app| {
        let gate = gate.clone();
        let handler = move |webhook| gate.clone().pass(webhook);
        app.route("/webhook", web::post().to(handler).wrap(webhooks.clone()));
    });

    for task in ["a", "b", "c"] {
        let client = impatient_client(server.addr, task).await;
        keeper.begun().await;
        drop(client);
    }
    server.handle.pause().await;
    assert_eq!(in_flight.count(), 3);

    let mut drained = Box::pin(in_flight.drained());
    assert!(futures_util::poll!(drained.as_mut()).is_pending());
    keeper.open();
    timeout(PATIENCE, drained).await.unwrap();
    timeout(PATIENCE, server.handle.stop(true)).await.unwrap();
    timeout(PATIENCE, server.ended)
        .await
        .unwrap()
        .unwrap()
        .unwrap();

    let mut settled = Vec::new();
    while let Ok(call) = calls.try_recv() {
        settled.push(call);
    }
    assert_eq!(
        settled
            .iter()
            .filter(|call| **call == Call::Complete)
            .count(),
        3
    );
}
