//! The management client against the simulator, and against a provider that
//! repeats what it is told.

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, post};
use nano_webhook_axum::{Verifier, Webhook, WebhookLayer};
use nano_webhook_client::{Auth, Client, EventType, NewWebhook, RetryPolicy, WebhookId};
use nano_webhook_hostile::AxumServer;
use nano_webhook_simulator::{Control, Job, Simulator};

use crate::core::secret;
use crate::evidence::Evidence;
use crate::needles::Needles;
use crate::{API_KEY, CURRENT, FOREIGN, PASSWORD, PREVIOUS};

pub(crate) async fn run(evidence: &mut Evidence, needles: &mut Needles) {
    simulator(evidence, needles).await;
    echo(evidence).await;
}

async fn simulator(evidence: &mut Evidence, needles: &mut Needles) {
    mistakes(evidence).await;
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
    let ensured = client.ensure(&old).await.unwrap();
    evidence.debug("what ensure did", &ensured);
    evidence.debug("what it changed", &ensured.change);
    let new = NewWebhook::new(&url, EventType::DOCUMENTED, secret(CURRENT));
    let rotation = client.rotate(&new).await.unwrap();
    evidence.debug("a rotation", &rotation);
    evidence.debug("what rotate did", &rotation.finish().await.unwrap());
    evidence.debug("the list", &client.list().await.unwrap());
    evidence.debug("the registry", &simulator.webhooks().await);

    let control = Control::new(simulator.base_url())
        .unwrap()
        .bearer(&secret(API_KEY))
        .unwrap();
    evidence.debug("the remote control", &control);
    evidence.debug("a stream of attempts", &simulator.watch());
    let nobody = NewWebhook::new("not a URL", EventType::DOCUMENTED, secret(CURRENT));
    let refused = client.create(&nobody).await.unwrap_err();
    evidence.debug("what was done", refused.operation());
    evidence.debug("the kind of an error", &refused.kind());
    let refused = simulator.register("not a URL", ["job.completed"], Some(secret(CURRENT)));
    evidence.error("a refused webhook", &refused.await.unwrap_err());
    let nonsense = Job::completed().credits(f64::NAN);
    evidence.error(
        "a refused job",
        &simulator.trigger(nonsense).await.unwrap_err(),
    );
    let intruder = Control::new(simulator.base_url()).unwrap();
    let intruder = intruder.bearer(&secret(FOREIGN)).unwrap();
    evidence.error(
        "an intruder's error",
        &intruder.attempts(0).await.unwrap_err(),
    );
    for job in [Job::completed().credits(6), Job::failed().reason("no luck")] {
        let report = control.trigger_and_wait(&job).await.unwrap();
        assert!(report.is_delivered(), "{report:?}");
        evidence.debug("a job", &job);
        evidence.debug("how it ends", &job.outcome());
        evidence.debug("a report", &report);
        needles.signature(&signed.recv().await.unwrap());
    }
    let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
    let report = triggered.finished().await;
    needles.signature(&signed.recv().await.unwrap());
    evidence.debug("what was triggered", &triggered);
    for delivery in &report.deliveries {
        evidence.debug("a delivery's outcome", &delivery.outcome);
    }
    for attempt in simulator.attempts() {
        evidence.debug("an attempt's result", &attempt.result);
        evidence.debug("what comes after it", &attempt.next);
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

/// What is refused before anything is sent.
async fn mistakes(evidence: &mut Evidence) {
    let bad_header = Simulator::builder().require_header("not a name", secret(API_KEY));
    let refused = bad_header.start("127.0.0.1:0").await.unwrap_err();
    evidence.error("a simulator that does not start", &refused);
    for url in [
        format!("http://user:{PASSWORD}@127.0.0.1"),
        format!("http://{PASSWORD}:not-a-port"),
    ] {
        let refused = Client::new(&url, Auth::bearer(secret(API_KEY))).unwrap_err();
        evidence.error("a client that is not built", &refused);
        evidence.error(
            "a control that is not built",
            &Control::new(&url).unwrap_err(),
        );
    }
    let newline = Auth::bearer(secret(&format!("{API_KEY}\n")));
    let refused = Client::new("https://a.example", newline).unwrap_err();
    evidence.error("a client that is not built", &refused);
    evidence.error("no id", &"\u{7}".parse::<WebhookId>().unwrap_err());
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
