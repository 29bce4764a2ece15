//! Several workers, one store.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use actix_web::web;
use nano_webhook_actix::{DedupeMiddleware, WebhookConfig, WebhookMiddleware};

use crate::support::{Gate, TestServer, TestStore, verifier, wire};

#[actix_web::test]
async fn share_what_they_handled_and_what_they_handle() {
    let (store, _calls) = TestStore::new();
    let webhooks = WebhookMiddleware::new(verifier()).dedupe(store).unwrap();
    let (gate, mut keeper) = Gate::new();
    let threads = Arc::new(Mutex::new(HashSet::new()));

    let server = {
        let threads = Arc::clone(&threads);
        TestServer::with_workers(4, move |app| {
            let (gate, threads) = (gate.clone(), Arc::clone(&threads));
            let handler = move |webhook| {
                threads.lock().unwrap().insert(std::thread::current().id());
                gate.clone().pass(webhook)
            };
            app.route("/webhook", web::post().to(handler).wrap(webhooks.clone()));
        })
    };

    let mut first = server.connect().await;
    first.send(wire("same").as_bytes()).await;
    keeper.begun().await;
    // actix hands connections out to the workers in turn, so these are all of them.
    let mut others = Vec::new();
    for _ in 0..8 {
        let mut connection = server.connect().await;
        let answer = connection.exchange(wire("same").as_bytes()).await.unwrap();
        assert_eq!(answer.code().as_deref(), Some("in_progress"));
        assert_eq!(answer.header("retry-after"), Some("7"));
        others.push(connection);
    }
    keeper.open();
    assert_eq!(first.receive().await.unwrap().status, 200);
    for connection in &mut others {
        let answer = connection.exchange(wire("same").as_bytes()).await.unwrap();
        assert_eq!(answer.status, 200);
    }
    assert_eq!(keeper.count(), 0, "handled twice");

    for (number, connection) in others.iter_mut().enumerate() {
        let delivery = wire(&number.to_string());
        let answer = connection.exchange(delivery.as_bytes()).await.unwrap();
        assert_eq!(answer.status, 200);
    }
    assert_eq!(threads.lock().unwrap().len(), 4);
}

/// Made once, moved into the application factory, and cloned by each worker.
#[test]
fn what_is_configured_goes_to_every_worker() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<WebhookConfig>();
    shared::<WebhookMiddleware>();
    shared::<DedupeMiddleware>();
}
