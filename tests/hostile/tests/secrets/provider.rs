//! The management client and the simulator, whose logs are those of this process.

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::post;
use nano_webhook_axum::{Verifier, Webhook, WebhookLayer};
use nano_webhook_client::{Auth, Client, EventType, NewWebhook};
use nano_webhook_hostile::serve_axum;
use nano_webhook_simulator::{Job, Simulator};

use crate::core::secret;
use crate::search::Search;
use crate::{API_KEY, CURRENT};

pub(crate) async fn run(search: &mut Search) {
    // A receiver that tells this test, and no other, what was signed.
    let (signatures, mut signed) = tokio::sync::mpsc::unbounded_channel();
    let layer = WebhookLayer::new(Verifier::new(secret(CURRENT)));
    let route = post(async |_: Webhook| StatusCode::OK).layer(layer);
    let tell = axum::middleware::map_request(move |request: Request| {
        let signature = request.headers()["x-nano-signature"].to_str().unwrap();
        signatures.send(signature.to_owned()).unwrap();
        async { request }
    });
    let router = Router::new().route("/webhook", route).layer(tell);
    let url = format!("http://{}/webhook", serve_axum(router).await);

    let simulator = Simulator::builder().require_bearer(secret(API_KEY));
    let simulator = simulator.start("127.0.0.1:0").await.unwrap();
    let client = Client::new(simulator.base_url(), Auth::bearer(secret(API_KEY))).unwrap();
    search.debug("the client", &client);
    let webhook = NewWebhook::new(&url, EventType::DOCUMENTED, secret(CURRENT));
    search.debug("a webhook", &webhook);
    search.debug("what ensure did", &client.ensure(&webhook).await.unwrap());
    let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
    search.debug("a report", &triggered.finished().await);
    search.hide_signature(&signed.recv().await.unwrap());
    search.debug("the attempts", &simulator.attempts());
    search.debug("the simulator", &simulator);
}
