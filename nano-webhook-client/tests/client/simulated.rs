//! The whole round against the simulator, which shares no code with the client.

use nano_webhook_client::{Auth, Client, EventType, NewWebhook, WebhookId};
use nano_webhook_simulator::Simulator;

use crate::{KEY, SECRET, URL, client, key, wanted};

#[tokio::test]
async fn the_round() {
    let simulator = Simulator::builder()
        .require_bearer(key())
        .start("127.0.0.1:0")
        .await
        .unwrap();
    let client = client(simulator.base_url());
    assert_eq!(client.list().await.unwrap(), []);
    let created = client.create(&wanted()).await.unwrap();
    assert_eq!(created.url, URL);
    assert_eq!(created.events, EventType::DOCUMENTED);
    assert_eq!(client.list().await.unwrap(), std::slice::from_ref(&created));
    assert!(simulator.webhooks().await[0].has_secret);
    client.delete(created.id.clone()).await.unwrap();
    assert_eq!(client.list().await.unwrap(), []);

    let error = client.delete(created.id).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
    assert_eq!(error.provider_message(), Some("there is no webhook 1"));
    let error = client
        .delete("wh_1".parse::<WebhookId>().unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(404));

    let unknown = NewWebhook::without_secret(URL, ["job.queued"]);
    let error = client.create(&unknown).await.unwrap_err();
    assert_eq!(error.status(), Some(422));
    assert!(error.provider_message().unwrap().contains("job.completed"));
    assert!(!error.may_have_taken_effect());
}

#[tokio::test]
async fn keys() {
    let bearer = Simulator::builder()
        .require_bearer(key())
        .start("127.0.0.1:0")
        .await
        .unwrap();
    let header = Simulator::builder().require_header("X-Api-Key", key());
    let header = header.start("127.0.0.1:0").await.unwrap();
    for (simulator, auth, expected) in [
        (&bearer, Auth::bearer(key()), None),
        (&bearer, Auth::none(), Some(401)),
        (&bearer, Auth::header("X-Api-Key", key()), Some(401)),
        (
            &bearer,
            Auth::bearer(nano_webhook_client::Secret::new("wrong").unwrap()),
            Some(401),
        ),
        (&header, Auth::header("x-api-key", key()), None),
        (&header, Auth::bearer(key()), Some(401)),
    ] {
        let client = Client::new(simulator.base_url(), auth).unwrap();
        let status = client.list().await.err().and_then(|error| error.status());
        assert_eq!(status, expected, "{client:?}");
    }
}

/// What the client says of a simulator is what the simulator has.
#[tokio::test]
async fn both_sides_agree() {
    let simulator = Simulator::builder().start("127.0.0.1:0").await.unwrap();
    let webhook = client(simulator.base_url())
        .create(&wanted())
        .await
        .unwrap();
    simulator.set_status(1, "disabled").await.unwrap();
    assert_eq!(
        serde_json::to_value(client(simulator.base_url()).list().await.unwrap()).unwrap(),
        serde_json::to_value(simulator.webhooks().await).unwrap(),
    );
    let shown = format!("{webhook:?}");
    assert!(!shown.contains(SECRET) && !shown.contains(KEY));
}
