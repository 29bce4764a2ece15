use nano_webhook_client::{Change, Client, ErrorKind, EventType, NewWebhook, WebhookId};
use nano_webhook_simulator::{RunningSimulator, Simulator};

use crate::scripted::{Provider, answer, data};
use crate::{client, secret};

const URL: &str = "http://localhost:3000/webhook";
const OTHER: &str = "http://localhost:3000/other";
const BOTH: &[&str] = &["job.completed", "job.failed"];
const SWAPPED: &[&str] = &["job.failed", "job.completed"];
const DONE: &[&str] = &["job.completed"];

async fn simulated() -> (RunningSimulator, Client) {
    let simulator = Simulator::builder().start("127.0.0.1:0").await.unwrap();
    let client = client(simulator.base_url());
    (simulator, client)
}

fn wanted(url: &str, events: &[&str]) -> NewWebhook {
    NewWebhook::new(url, events.iter().copied(), secret())
}

fn ids(ids: &[u64]) -> Vec<WebhookId> {
    ids.iter().copied().map(WebhookId::from).collect()
}

/// What is there, what is wanted, what is done, what is there then.
#[tokio::test]
async fn scenarios() {
    const ON: &str = "active";
    const OFF: &str = "disabled";
    let created = Change::Created;
    let same = Change::Unchanged;
    let anew = |deleted: &[u64]| Change::Recreated {
        deleted: ids(deleted),
    };
    let fewer = |deleted: &[u64]| Change::Deduplicated {
        deleted: ids(deleted),
    };
    for (name, before, (url, events), change, kept, after, inactive) in [
        (
            "nothing is there",
            &[][..],
            (URL, BOTH),
            created.clone(),
            1,
            &[1][..],
            &[][..],
        ),
        (
            "it is there",
            &[(URL, BOTH, ON)],
            (URL, BOTH),
            same.clone(),
            1,
            &[1],
            &[],
        ),
        (
            "in another order",
            &[(URL, SWAPPED, ON)],
            (URL, BOTH),
            same.clone(),
            1,
            &[1],
            &[],
        ),
        (
            "wanted twice the same",
            &[(URL, DONE, ON)],
            (URL, &["job.completed", "job.completed"]),
            same.clone(),
            1,
            &[1],
            &[],
        ),
        (
            "another URL",
            &[(OTHER, BOTH, ON)],
            (URL, BOTH),
            created.clone(),
            2,
            &[1, 2],
            &[],
        ),
        (
            "a URL that begins alike",
            &[("http://localhost:3000/webhook/", BOTH, ON)],
            (URL, BOTH),
            created.clone(),
            2,
            &[1, 2],
            &[],
        ),
        (
            "the same URL, spelt otherwise",
            &[("HTTP://LocalHost:3000/./webhook", BOTH, ON)],
            (URL, BOTH),
            same.clone(),
            1,
            &[1],
            &[],
        ),
        (
            "fewer events",
            &[(URL, DONE, ON)],
            (URL, BOTH),
            anew(&[1]),
            2,
            &[2],
            &[],
        ),
        (
            "more events",
            &[(URL, BOTH, ON)],
            (URL, DONE),
            anew(&[1]),
            2,
            &[2],
            &[],
        ),
        (
            "one for each event",
            &[(URL, DONE, ON), (URL, &["job.failed"], ON)],
            (URL, BOTH),
            anew(&[1, 2]),
            3,
            &[3],
            &[],
        ),
        (
            "twice",
            &[(URL, BOTH, ON), (URL, BOTH, ON)],
            (URL, BOTH),
            fewer(&[1]),
            2,
            &[2],
            &[],
        ),
        (
            "thrice, and others",
            &[
                (URL, BOTH, ON),
                (OTHER, BOTH, ON),
                (URL, BOTH, ON),
                (URL, BOTH, ON),
            ],
            (URL, BOTH),
            fewer(&[1, 3]),
            4,
            &[2, 4],
            &[],
        ),
        (
            "the right one and a wrong one after it",
            &[(URL, BOTH, ON), (URL, DONE, ON)],
            (URL, BOTH),
            fewer(&[2]),
            1,
            &[1],
            &[],
        ),
        (
            "switched off",
            &[(URL, BOTH, OFF)],
            (URL, BOTH),
            created.clone(),
            2,
            &[1, 2],
            &[1],
        ),
        (
            "one on, one off",
            &[(URL, BOTH, ON), (URL, BOTH, OFF)],
            (URL, BOTH),
            same.clone(),
            1,
            &[1, 2],
            &[2],
        ),
        (
            "wrong and off",
            &[(URL, DONE, OFF), (URL, DONE, ON)],
            (URL, BOTH),
            anew(&[2]),
            3,
            &[1, 3],
            &[1],
        ),
        (
            "off elsewhere",
            &[(OTHER, BOTH, OFF)],
            (URL, BOTH),
            created,
            2,
            &[1, 2],
            &[],
        ),
    ] {
        let (simulator, client) = simulated().await;
        for (url, events, status) in before {
            let webhook = simulator
                .register(*url, events.iter().copied(), None)
                .await
                .unwrap();
            simulator.set_status(webhook.id, *status).await.unwrap();
        }
        let wanted = wanted(url, events);
        let ensured = client.ensure(&wanted).await.unwrap();
        assert_eq!(ensured.change, change, "{name}");
        assert_eq!(ensured.webhook.id, WebhookId::from(kept), "{name}");
        let left: Vec<_> = ensured
            .inactive
            .iter()
            .map(|webhook| webhook.id.clone())
            .collect();
        assert_eq!(left, ids(inactive), "{name}");
        let there: Vec<_> = simulator
            .webhooks()
            .await
            .iter()
            .map(|webhook| webhook.id)
            .collect();
        assert_eq!(there, after, "{name}");

        let again = client.ensure(&wanted).await.unwrap();
        assert_eq!(again.change, same, "{name}, the second time");
        assert_eq!(again.webhook, ensured.webhook, "{name}");
    }
}

/// Nothing is deleted before the right one is there.
#[tokio::test]
async fn the_order_of_the_steps() {
    let wrong = format!(r#"{{"id":1,"url":"{URL}","events":[],"status":"active"}}"#);
    let right = format!(r#"{{"id":2,"url":"{URL}","events":["job.completed"],"status":"active"}}"#);
    let provider = Provider::start([
        data(&format!("[{wrong}]")),
        data(&right),
        data(&format!("[{wrong},{right}]")),
        data(r#"{"id":1}"#),
    ])
    .await;
    client(provider.base_url())
        .ensure(&wanted(URL, DONE))
        .await
        .unwrap();
    assert_eq!(
        provider.calls(),
        [
            "GET /api/v1/webhooks",
            "POST /api/v1/webhooks",
            "GET /api/v1/webhooks",
            "DELETE /api/v1/webhooks/1",
        ]
    );
}

/// A list that lags behind does not hide what was just created.
#[tokio::test]
async fn a_list_that_lags_behind() {
    let right = format!(r#"{{"id":2,"url":"{URL}","events":["job.completed"],"status":"active"}}"#);
    let provider = Provider::start([data("[]"), data(&right), data("[]")]).await;
    let ensured = client(provider.base_url())
        .ensure(&wanted(URL, DONE))
        .await
        .unwrap();
    assert_eq!(ensured.change, Change::Created);
    assert_eq!(ensured.webhook.id, WebhookId::from(2));
    assert_eq!(provider.calls().len(), 3);
}

/// Somebody else created the same at the same moment, and theirs is newer.
#[tokio::test]
async fn a_lost_race() {
    let webhook = |id: u64| {
        format!(r#"{{"id":{id},"url":"{URL}","events":["job.completed"],"status":"active"}}"#)
    };
    let provider = Provider::start([
        data("[]"),
        data(&webhook(2)),
        data(&format!("[{},{}]", webhook(3), webhook(2))),
        answer(404, "", r#"{"success":false,"message":"already gone"}"#),
    ])
    .await;
    let ensured = client(provider.base_url())
        .ensure(&wanted(URL, DONE))
        .await
        .unwrap();
    assert_eq!(ensured.webhook.id, WebhookId::from(3));
    assert_eq!(ensured.change, Change::Deduplicated { deleted: ids(&[2]) });
    assert_eq!(provider.calls()[3], "DELETE /api/v1/webhooks/2");
}

/// However many run at once, one remains.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn races() {
    for _ in 0..5 {
        let (simulator, client) = simulated().await;
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.ensure(&wanted(URL, BOTH)).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(simulator.webhooks().await.len(), 1);
        let again = client.ensure(&wanted(URL, BOTH)).await.unwrap();
        assert_eq!(again.change, Change::Unchanged);
    }
}

/// A provider that creates something else would be asked anew with each deploy.
#[tokio::test]
async fn not_what_was_asked_for() {
    for created in [
        r#"{"id":2,"url":"http://localhost:3000/","events":["job.completed"],"status":"active"}"#,
        r#"{"id":2,"url":"http://localhost:3000/webhook","events":[],"status":"active"}"#,
        r#"{"id":2,"url":"http://localhost:3000/webhook","events":["job.completed"],"status":"pending"}"#,
    ] {
        let old =
            format!(r#"[{{"id":1,"url":"{URL}","events":["job.failed"],"status":"active"}}]"#);
        for rotate in [false, true] {
            let provider = Provider::start([data(&old), data(created)]).await;
            let client = client(provider.base_url());
            let wanted = wanted(URL, DONE);
            let error = if rotate {
                client.rotate(&wanted).await.unwrap_err()
            } else {
                client.ensure(&wanted).await.unwrap_err()
            };
            let ErrorKind::NotAsRequested { webhook } = error.kind() else {
                panic!("{error}");
            };
            assert_eq!(webhook.id, WebhookId::from(2));
            assert!(error.may_have_taken_effect());
            assert_eq!(provider.calls().len(), 2, "nothing is deleted");
        }
    }
}

/// An error says which of the calls it was; what was done before stays.
#[tokio::test]
async fn failures_on_the_way() {
    let right = format!(r#"{{"id":2,"url":"{URL}","events":["job.completed"],"status":"active"}}"#);
    let old = format!(r#"{{"id":1,"url":"{URL}","events":["job.failed"],"status":"active"}}"#);
    let no = || answer(403, "", r#"{"success":false,"message":"not today"}"#);
    for (script, expected) in [
        (vec![no()], "could not list the webhooks"),
        (vec![data("[]"), no()], "could not create the webhook"),
        (
            vec![data("[]"), data(&right), no()],
            "could not list the webhooks",
        ),
        (
            vec![data(&format!("[{old},{right}]")), no()],
            "could not delete webhook 1",
        ),
    ] {
        let provider = Provider::start(script).await;
        let error = client(provider.base_url())
            .ensure(&wanted(URL, DONE))
            .await
            .unwrap_err();
        let refusal = "the provider refused it with status 403: not today";
        assert_eq!(error.to_string(), format!("{expected}: {refusal}"));
        assert_eq!(error.provider_message(), Some("not today"));
    }
}

#[test]
fn event_types_are_texts() {
    let other: EventType = "job.queued".parse().unwrap();
    assert_eq!(other.to_string(), "job.queued");
    assert_eq!(
        EventType::from("job.completed".to_owned()),
        EventType::JobCompleted
    );
}
