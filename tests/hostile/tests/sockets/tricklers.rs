//! Clients that send their bodies slowly, in front of a service with few places.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use nano_webhook_axum::{Secret, Verifier, Webhook, WebhookLayer};
use nano_webhook_hostile::AxumServer;
use nano_webhook_test_kit::{Connection, SignedRequest, number};
use tower::ServiceBuilder;
use tower::limit::ConcurrencyLimitLayer;

use crate::{SECRET, still_serves, until_idle};

/// Places behind the verification are taken after the verdict only.
#[tokio::test]
async fn tricklers_take_no_place_behind_the_verification() {
    let clients = number("NANO_WEBHOOK_CLIENTS", 200);
    let verifier = Verifier::new(Secret::new(SECRET).unwrap());
    let layers = ServiceBuilder::new()
        .layer(WebhookLayer::new(verifier))
        .layer(ConcurrencyLimitLayer::new(2));
    let route = post(async |_: Webhook| StatusCode::OK).layer(layers);
    let server = AxumServer::start(Router::new().route("/webhook", route));
    let idle = server.tasks();

    let mut tricklers = Vec::new();
    for _ in 0..clients {
        let mut connection = Connection::open(server.addr).await;
        let mut begun = SignedRequest::signed_now(SECRET, "{}").head("content-length: 1000\r\n");
        begun.push(b'{');
        connection.try_send(begun).await.unwrap();
        tricklers.push(connection);
    }
    for delivery in 0..100 {
        let trickler = &mut tricklers[delivery % clients];
        trickler.try_send(b" ").await.unwrap();
        still_serves(server.addr, &format!("beside_tricklers_{delivery}")).await;
    }

    drop(tricklers);
    until_idle(&server, idle).await;
}
