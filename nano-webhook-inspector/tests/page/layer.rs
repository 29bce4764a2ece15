use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nano_webhook_axum::{Dedupe, Secret, Verifier, Webhook, WebhookLayer};
use nano_webhook_test_kit::{Connection, SignedRequest};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{Served, read};

async fn handle(Webhook(event): Webhook) -> (StatusCode, &'static str) {
    match event.task_id() {
        Some("fails") => (StatusCode::INTERNAL_SERVER_ERROR, "no"),
        Some("hangs") => std::future::pending().await,
        _ => (StatusCode::OK, "done"),
    }
}

#[tokio::test]
async fn what_passes_a_route_is_recorded() {
    let served = Served::start().await;
    let verifier = Verifier::new(Secret::new(SignedRequest::SECRET).unwrap());
    let webhooks = WebhookLayer::new(verifier.clone()).dedupe(Dedupe::in_memory());
    let inspected = served.inspector.layer(verifier);
    let route = post(handle).layer(webhooks).layer(inspected);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, Router::new().route("/webhook", route)).into_future());

    let now = |task: &str| SignedRequest::completed_now(task);
    #[rustfmt::skip]
    let rows = [
        (now("t"), 200, json!({"verdict": "accepted", "code": null, "duplicate_of": null, "task_id": "t", "secret": "current"})),
        (now("t"), 200, json!({"verdict": "duplicate", "duplicate_of": 1, "secret": "current"})),
        (now("fails"), 500, json!({"verdict": "failed", "event": "job.completed", "secret": "current"})),
        (now("t").forged(), 401, json!({"verdict": "rejected", "code": "signature_mismatch", "secret": null})),
        (SignedRequest::for_task("t"), 401, json!({"verdict": "rejected", "code": "timestamp_out_of_tolerance", "body_truncated": true})),
    ];
    for (id, (request, status, expected)) in (1..).zip(&rows) {
        let mut connection = Connection::open(addr).await;
        let answer = connection.exchange(request.whole()).await.unwrap();
        assert_eq!(answer.status, *status);
        let detail = served.get(&format!("/api/deliveries/{id}")).await.json();
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&detail[name], value, "{name} in {detail}");
        }
        assert_eq!(detail["status"], *status);
        let body = detail["answer"]["body_base64"].as_str().unwrap();
        assert_eq!(STANDARD.decode(body).unwrap(), answer.body);
    }

    // A client that hangs up.
    let mut connection = Connection::open(addr).await;
    connection.send(now("hangs").whole()).await;
    let (mut stream, _) = served.stream("", "in_progress").await;
    drop(connection);
    let text = read(&mut stream, "the connection closed before the answer").await;
    assert!(text.contains("\"task_id\":\"hangs\""), "{text}");
}
