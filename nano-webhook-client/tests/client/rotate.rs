use nano_webhook_client::{EventType, NewWebhook, Secret, WebhookId};
use nano_webhook_core::{MatchedSecret, UnixTime, Verifier};
use nano_webhook_simulator::{Job, Simulator};

use crate::{SECRET, client, secret};

const NEW: &str = "whsec-the-new-secret-of-these-tests";

#[tokio::test]
async fn what_is_replaced() {
    let url = "http://localhost:3000/webhook";
    let simulator = Simulator::builder().start("127.0.0.1:0").await.unwrap();
    for (url, events, status) in [
        (url, ["job.completed"], "active"),
        ("http://localhost:3000/other", ["job.completed"], "active"),
        (url, ["job.failed"], "active"),
        (url, ["job.failed"], "disabled"),
    ] {
        let webhook = simulator.register(url, events, None).await.unwrap();
        simulator.set_status(webhook.id, status).await.unwrap();
    }
    let replacement = NewWebhook::new(url, EventType::DOCUMENTED, secret());
    let rotated = client(simulator.base_url())
        .rotate(&replacement)
        .await
        .unwrap();
    assert_eq!(rotated.webhook.id, WebhookId::from(5));
    assert_eq!(rotated.deleted, [WebhookId::from(1), WebhookId::from(3)]);
    let left: Vec<_> = simulator
        .webhooks()
        .await
        .iter()
        .map(|webhook| webhook.id)
        .collect();
    assert_eq!(left, [2, 4, 5]);
}

/// The steps of the documentation: before and after, the receiver with both
/// secrets accepts every delivery.
#[tokio::test]
async fn no_delivery_is_refused() {
    let verifier = Verifier::builder(Secret::new(NEW).unwrap())
        .previous_secret(secret())
        .build()
        .unwrap();
    let (matched, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let url = receiver(verifier, matched).await;
    let simulator = Simulator::builder().start("127.0.0.1:0").await.unwrap();
    let client = client(simulator.base_url());

    let old = NewWebhook::new(&*url, EventType::DOCUMENTED, Secret::new(SECRET).unwrap());
    client.ensure(&old).await.unwrap();
    assert!(
        simulator
            .trigger(Job::completed())
            .await
            .unwrap()
            .finished()
            .await
            .is_delivered()
    );
    assert_eq!(seen.recv().await, Some(MatchedSecret::Previous(0)));

    let new = NewWebhook::new(&*url, EventType::DOCUMENTED, Secret::new(NEW).unwrap());
    client.rotate(&new).await.unwrap();
    assert!(
        simulator
            .trigger(Job::failed())
            .await
            .unwrap()
            .finished()
            .await
            .is_delivered()
    );
    assert_eq!(seen.recv().await, Some(MatchedSecret::Current));
    assert!(seen.is_empty());
}

async fn receiver(
    verifier: Verifier,
    matched: tokio::sync::mpsc::UnboundedSender<MatchedSecret>,
) -> String {
    use axum::body::Bytes;
    use axum::http::{HeaderMap, StatusCode};

    let handler = async move |headers: HeaderMap, body: Bytes| {
        let pairs: Vec<_> = (headers.iter())
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        match verifier.verify(&pairs, body, UnixTime::now()) {
            Ok(delivery) => {
                matched.send(delivery.secret()).unwrap();
                StatusCode::OK
            }
            Err(_) => StatusCode::UNAUTHORIZED,
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhook", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(handler);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}
