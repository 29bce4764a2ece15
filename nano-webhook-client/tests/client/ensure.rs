use std::sync::{Arc, Mutex};

use nano_webhook_client::{Change, Client, ErrorKind, NewWebhook, WebhookId};
use serde_json::{Value, json};

use crate::scripted::{Provider, Request, data};
use crate::{client, secret};

pub(crate) const URL: &str = "http://localhost:3000/webhook";
pub(crate) const OTHER: &str = "http://localhost:3000/other";
const BOTH: &[&str] = &["job.completed", "job.failed"];
const SWAPPED: &[&str] = &["job.failed", "job.completed"];
pub(crate) const DONE: &[&str] = &["job.completed"];

type Stored = Arc<Mutex<Vec<Value>>>;

/// A provider that stores what it is sent, as `change` makes it.
async fn account(
    before: &[(&str, &[&str], &str)],
    change: fn(&mut Value),
) -> (Client, Stored, Provider) {
    let hook = |id: usize, (url, events, status): &(&str, &[&str], &str)| json!({ "id": id + 1, "url": url, "events": events, "status": status });
    let hooks: Vec<_> = before
        .iter()
        .enumerate()
        .map(|(id, webhook)| hook(id, webhook))
        .collect();
    let mut ids = hooks.len();
    let stored = Arc::new(Mutex::new(hooks));
    let shared = Arc::clone(&stored);
    let provider = Provider::answering(move |request: &Request| {
        let mut hooks = shared.lock().unwrap();
        let call = request.call();
        if call == "GET /api/v1/webhooks" {
            return data(&Value::from(hooks.clone()).to_string());
        }
        if call == "POST /api/v1/webhooks" {
            let mut hook: Value = serde_json::from_str(&request.body).unwrap();
            ids += 1;
            hook.as_object_mut().unwrap().remove("secret_key").unwrap();
            (hook["id"], hook["status"]) = (ids.into(), "active".into());
            change(&mut hook);
            hooks.push(hook.clone());
            return data(&hook.to_string());
        }
        let id = call.strip_prefix("DELETE /api/v1/webhooks/").unwrap();
        hooks.retain(|hook| hook["id"] != id.parse::<u64>().unwrap());
        data(&format!("{{\"id\":{id}}}"))
    })
    .await;
    (client(provider.base_url()), stored, provider)
}

pub(crate) fn wanted(url: &str, events: &[&str]) -> NewWebhook {
    NewWebhook::new(url, events.iter().copied(), secret())
}

pub(crate) fn ids(ids: &[u64]) -> Vec<WebhookId> {
    ids.iter().copied().map(WebhookId::from).collect()
}

fn stored_ids(stored: &Stored) -> Vec<u64> {
    let stored = stored.lock().unwrap();
    stored
        .iter()
        .map(|hook| hook["id"].as_u64().unwrap())
        .collect()
}

/// What is stored, what is wanted, what is changed, what is stored then.
#[rustfmt::skip]
#[tokio::test]
async fn scenarios() {
    const ON: &str = "active";
    const OFF: &str = "disabled";
    let same = Change::Unchanged;
    let anew = |deleted: &[u64]| Change::Recreated {
        deleted: ids(deleted),
    };
    let slash = "http://localhost:3000/webhook/";
    let twice: &[&str] = &["job.completed", "job.completed"];
    for (name, before, events, change, after) in [
        ("nothing", &[][..], BOTH, Change::Created, &[1][..]),
        ("the same", &[(URL, BOTH, ON)], BOTH, same.clone(), &[1]),
        ("in another order", &[(URL, SWAPPED, ON)], BOTH, same.clone(), &[1]),
        ("wanted twice", &[(URL, DONE, ON)], twice, same.clone(), &[1]),
        (
            "in capitals",
            &[("HTTP://LocalHost:3000/webhook", BOTH, "Active")],
            BOTH,
            same.clone(),
            &[1],
        ),
        ("another URL", &[(OTHER, BOTH, ON)], BOTH, Change::Created, &[1, 2]),
        ("a slash more", &[(slash, BOTH, ON)], BOTH, Change::Created, &[1, 2]),
        ("fewer events", &[(URL, DONE, ON)], BOTH, anew(&[1]), &[2]),
        ("more events", &[(URL, BOTH, ON)], DONE, anew(&[1]), &[2]),
        ("two of them", &[(URL, BOTH, ON), (URL, BOTH, ON)], BOTH, anew(&[1, 2]), &[3]),
        ("a wrong one too", &[(URL, BOTH, ON), (URL, DONE, ON)], BOTH, anew(&[1, 2]), &[3]),
        ("one of them off", &[(URL, BOTH, ON), (URL, BOTH, OFF)], BOTH, same.clone(), &[1, 2]),
        ("off before", &[(URL, BOTH, OFF), (URL, DONE, ON)], BOTH, anew(&[2]), &[1, 3]),
        ("off elsewhere", &[(OTHER, BOTH, OFF)], BOTH, Change::Created, &[1, 2]),
    ] {
        let (client, stored, _provider) = account(before, |_| {}).await;
        let wanted = wanted(URL, events);
        let ensured = client.ensure(&wanted).await.unwrap();
        assert_eq!(ensured.change, change, "{name}");
        assert_eq!(stored_ids(&stored), after, "{name}");
        let off = before
            .iter()
            .filter(|(url, _, status)| (*url, *status) == (URL, OFF));
        assert_eq!(ensured.inactive.len(), off.count(), "{name}");
        let again = client.ensure(&wanted).await.unwrap();
        assert_eq!(
            (again.change, again.webhook),
            (same.clone(), ensured.webhook),
            "{name}"
        );
    }
}

/// The new webhook is created before the old ones are deleted.
#[tokio::test]
async fn rotation() {
    let before = [
        (URL, DONE, "active"),
        (OTHER, DONE, "active"),
        (URL, BOTH, "active"),
    ];
    let (client, stored, provider) = account(&before, |_| {}).await;
    let wanted = wanted(URL, BOTH);
    let rotation = client.rotate(&wanted).await.unwrap();
    assert_eq!(rotation.webhook().id, WebhookId::from(4));
    let replaces: Vec<_> = rotation
        .replaces()
        .iter()
        .map(|old| old.id.clone())
        .collect();
    assert_eq!(replaces, ids(&[1, 3]));
    assert_eq!(stored_ids(&stored), [1, 2, 3, 4], "nothing is deleted yet");
    let rotated = rotation.finish().await.unwrap();
    assert_eq!(
        (rotated.webhook.id, rotated.deleted),
        (WebhookId::from(4), ids(&[1, 3]))
    );
    assert_eq!(stored_ids(&stored), [2, 4]);
    let calls: Vec<_> = provider
        .calls()
        .iter()
        .map(|call| call.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        calls,
        ["GET", "POST", "GET", "GET", "DELETE", "DELETE", "GET"]
    );
}

/// A provider that stores something else than requested is reported, and repeated
/// runs do not add webhooks.
#[tokio::test]
async fn what_the_provider_changes() {
    fn show(hook: &mut Value, field: &str, value: Value) {
        hook[field] = value;
    }
    for (change, kinds, text, withdrawn, after) in [
        (
            (|hook| show(hook, "url", json!("http://localhost:3000/webhook/"))) as fn(&mut Value),
            [ErrorKind::NotAsRequested; 2],
            "its URL is \"http://localhost:3000/webhook/\"",
            true,
            &[1][..],
        ),
        (
            |hook| show(hook, "events", json!(["job.completed", "ping"])),
            [ErrorKind::NotAsRequested; 2],
            "its events are \"job.completed, ping\"",
            false,
            &[1, 3],
        ),
        (
            |hook| show(hook, "status", json!("pending")),
            [ErrorKind::NotAsRequested, ErrorKind::NotActive],
            "its status is \"pending\"",
            false,
            &[1, 2],
        ),
        (
            |hook| show(hook, "id", json!(0)),
            [ErrorKind::IdsNotAscending; 2],
            "webhook 0 after webhook 1",
            true,
            &[1],
        ),
    ] {
        let (client, stored, _provider) = account(&[(URL, BOTH, "active")], change).await;
        let first = client.ensure(&wanted(URL, DONE)).await.unwrap_err();
        assert!(first.to_string().contains(text), "{first}");
        let created = first.created().unwrap().clone();
        let second = client.ensure(&wanted(URL, DONE)).await.unwrap_err();
        assert_eq!([first.kind(), second.kind()], kinds, "{second}");
        assert_eq!(stored_ids(&stored), after, "{first}");
        assert_eq!(first.deleted().contains(&created), withdrawn);
        assert!(!first.found().is_empty() && first.to_string().contains("1 active"));
    }
}
