//! The management client against the simulator, and against a provider that
//! repeats what it is told.

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, post};
use nano_webhook_axum::{Verifier, Webhook, WebhookLayer};
use nano_webhook_client::{Auth, Client, EventType, NewWebhook, RetryPolicy};
use nano_webhook_hostile::AxumServer;
use nano_webhook_simulator::{Control, Job, Simulator};

use crate::core::secret;
use crate::evidence::Evidence;
use crate::needles::Needles;
use crate::{API_KEY, CURRENT, PREVIOUS};

pub(crate) async fn run(evidence: &mut Evidence, needles: &mut Needles) {
    simulator(evidence, needles).await;
    echo(evidence).await;
}

async fn simulator(evidence: &mut Evidence, needles: &mut Needles) {
    let builder = Simulator::builder().require_bearer(secret(API_KEY));
    evidence.debug("the simulator's builder", &builder);
    let simulator = builder.start("127.0.0.1:0").await.unwrap();
    evidence.debug("the simulator", &simulator);

    // A receiver that tells this test, and nobody else, what was signed.
    let (signatures, mut signed) = tokio::sync::mpsc::unbounded_channel();
    let verifier = Verifier::builder(secret(CURRENT)).previous_secret(secret(PREVIOUS));
    let layer = WebhookLayer::new(verifier.build().unwrap());
    let route = post(async |_: Webhook| StatusCode::OK).layer(layer);
    let tell = axum::middleware::map_request(move |request: axum::extract::Request| {
        let signature = request.headers()["x-nano-signature"]
            .to_str()
            .unwrap()
            .to_owned();
        signatures.send(signature).unwrap();
        async { request }
    });
    let receiver = AxumServer::start(Router::new().route("/webhook", route).layer(tell));
    let url = format!("http://{}/webhook", receiver.addr);

    let auth = Auth::bearer(secret(API_KEY));
    evidence.debug("the client's key", &auth);
    let builder = Client::builder(simulator.base_url(), auth);
    evidence.debug("the client's builder", &builder);
    let client = builder.build().unwrap();
    evidence.debug("the client", &client);
    let old = NewWebhook::new(&url, EventType::DOCUMENTED, secret(PREVIOUS));
    evidence.debug("a webhook to be", &old);
    evidence.debug("what ensure did", &client.ensure(&old).await.unwrap());
    let new = NewWebhook::new(&url, EventType::DOCUMENTED, secret(CURRENT));
    evidence.debug("what rotate did", &client.rotate(&new).await.unwrap());
    evidence.debug("the list", &client.list().await.unwrap());
    evidence.debug("the registry", &simulator.webhooks().await);

    let control = Control::new(simulator.base_url())
        .unwrap()
        .bearer(&secret(API_KEY))
        .unwrap();
    evidence.debug("the remote control", &control);
    for job in [Job::completed().credits(6), Job::failed().reason("no luck")] {
        let report = control.trigger_and_wait(&job).await.unwrap();
        assert!(report.is_delivered(), "{report:?}");
        evidence.debug("a report", &report);
        needles.signature(&signed.recv().await.unwrap());
    }
    evidence.debug("the attempts", &simulator.attempts());
    evidence.debug(
        "the attempts, from afar",
        &control.attempts(0).await.unwrap(),
    );

    let stranger = Client::new(
        simulator.base_url(),
        Auth::header("X-Api-Key", secret(CURRENT)),
    );
    let error = stranger.unwrap().list().await.unwrap_err();
    evidence.error("a stranger's error", &error);
    simulator.shutdown().await;
    let error = client.list().await.unwrap_err();
    evidence.error("an error without a provider", &error);
}

/// Answers with all that it was sent, as a badly kept provider might.
async fn echo(evidence: &mut Evidence) {
    for status in [200, 302, 400, 401, 422, 500] {
        let status = StatusCode::from_u16(status).unwrap();
        let echo = any(async move |headers: HeaderMap, body: Bytes| {
            let body = String::from_utf8_lossy(&body).into_owned();
            (
                status,
                format!("{headers:?} {body} key {API_KEY} secret {CURRENT}"),
            )
        });
        let server = AxumServer::start(Router::new().fallback(echo));
        let client = Client::builder(
            format!("http://{}", server.addr),
            Auth::bearer(secret(API_KEY)),
        )
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
        let webhook = NewWebhook::new("https://a.example/", EventType::DOCUMENTED, secret(CURRENT));
        let error = client.create(&webhook).await.unwrap_err();
        evidence.error("an error with an echo", &error);
    }
}
