//! One run on the model of the provider.

use serde_json::{Value, json};

use super::provider::{Events, Provider, URL};
use super::run::{Alone, wanted};
use super::{ASCENDING, BOTH, ONE};
use crate::client::Client;
use crate::ensure::Change;
use crate::error::ErrorKind;
use crate::id::WebhookId;

const OTHER: &str = "https://a.com/other";

fn account(before: &[(&str, Events, &str)], change: fn(&mut Value)) -> (Client, Alone) {
    let mut provider = Provider::new(before, ASCENDING);
    provider.change = change;
    Alone::new(provider)
}

fn ids(ids: &[u64]) -> Vec<WebhookId> {
    ids.iter().copied().map(WebhookId::from).collect()
}

/// What is stored, what is wanted, what is deleted if something changes, what is
/// stored then.
#[rustfmt::skip]
#[test]
fn scenarios() {
    const ON: &str = "active";
    const OFF: &str = "disabled";
    let swapped: Events = &["job.failed", "job.completed"];
    let twice: Events = &["job.completed", "job.completed"];
    let slash = "https://a.com/hook/";
    let capitals = "HTTPS://A.com:443/hook";
    for (before, events, deleted, after) in [
        (&[][..], BOTH, Some(&[][..]), &[1][..]),
        (&[(URL, BOTH, ON)], BOTH, None, &[1]),
        (&[(URL, swapped, ON)], BOTH, None, &[1]),
        (&[(URL, ONE, ON)], twice, None, &[1]),
        (&[(capitals, BOTH, "Active")], BOTH, None, &[1]),
        (&[(OTHER, BOTH, ON)], BOTH, Some(&[]), &[1, 2]),
        (&[(slash, BOTH, ON)], BOTH, Some(&[]), &[1, 2]),
        (&[(URL, ONE, ON)], BOTH, Some(&[1]), &[2]),
        (&[(URL, BOTH, ON)], ONE, Some(&[1]), &[2]),
        (&[(URL, BOTH, ON), (URL, BOTH, ON)], BOTH, Some(&[1, 2]), &[3]),
        (&[(URL, BOTH, ON), (URL, ONE, ON)], BOTH, Some(&[1, 2]), &[3]),
        (&[(URL, BOTH, ON), (URL, BOTH, OFF)], BOTH, None, &[1, 2]),
        (&[(URL, BOTH, OFF), (URL, ONE, ON)], BOTH, Some(&[2]), &[1, 3]),
        (&[(OTHER, BOTH, OFF)], BOTH, Some(&[]), &[1, 2]),
    ] {
        let (client, mut account) = account(before, |_| {});
        let wanted = wanted(events, "a secret");
        let ensured = account.run(client.ensure(&wanted)).unwrap();
        let change = match deleted {
            None => Change::Unchanged,
            Some([]) => Change::Created,
            Some(deleted) => Change::Recreated { deleted: ids(deleted) },
        };
        assert_eq!(ensured.change, change, "{before:?}");
        assert_eq!(account.provider.ids(), after, "{before:?}");
        let off = before.iter().filter(|(url, _, status)| (*url, *status) == (URL, OFF));
        assert_eq!(ensured.inactive.len(), off.count(), "{before:?}");
        let again = account.run(client.ensure(&wanted)).unwrap();
        assert_eq!((again.change, again.webhook), (Change::Unchanged, ensured.webhook));
    }
}

/// An older webhook that the list does not show any more is deleted as well.
#[test]
fn a_list_of_the_newest_entry() {
    let (client, mut account) = account(&[(URL, ONE, "active")], |_| {});
    account.provider.cut[1] = 1;
    let wanted = wanted(BOTH, "a secret");
    account.run(client.ensure(&wanted)).unwrap();
    assert_eq!(account.provider.ids(), [2]);
}

/// The new webhook is created before the old ones are deleted.
#[test]
fn rotation() {
    let other = (OTHER, ONE, "active");
    let before = [(URL, ONE, "active"), other, (URL, BOTH, "active")];
    let (client, mut account) = account(&before, |_| {});
    let wanted = wanted(BOTH, "a secret");
    let rotation = account.run(client.rotate(&wanted)).unwrap();
    assert_eq!(rotation.webhook().id, WebhookId::from(4));
    let replaces = rotation.replaces().iter().map(|old| old.id.clone());
    assert_eq!(replaces.collect::<Vec<_>>(), ids(&[1, 3]));
    let stored = account.provider.ids();
    assert_eq!(stored, [1, 2, 3, 4], "nothing is deleted yet");
    let rotated = account.run(rotation.finish()).unwrap();
    assert_eq!(rotated.webhook.id, WebhookId::from(4));
    assert_eq!(rotated.deleted, ids(&[1, 3]));
    assert_eq!(account.provider.ids(), [2, 4]);
    let calls = account.provider.calls.join(" ");
    assert_eq!(calls, "GET POST GET GET DELETE DELETE GET");
}

/// A provider that stores something else than requested is reported, and repeated
/// runs do not add webhooks.
#[test]
fn what_the_provider_changes() {
    use ErrorKind::{IdsNotAscending, NotActive, NotAsRequested};
    let url: fn(&mut Value) = |hook| hook["url"] = json!("https://a.com/hook/");
    let events: fn(&mut Value) = |hook| hook["events"] = json!(["job.completed", "ping"]);
    let status: fn(&mut Value) = |hook| hook["status"] = json!("pending");
    let id: fn(&mut Value) = |hook| hook["id"] = json!(0);
    let (other, ids) = ([NotAsRequested; 2], [IdsNotAscending; 2]);
    let inactive = [NotAsRequested, NotActive];
    for (change, kinds, text, withdrawn, after) in [
        (url, other, "URL is \"https://a.com/hook/\"", true, &[1][..]),
        (events, other, "are \"job.completed, ping\"", false, &[1, 3]),
        (status, inactive, "status is \"pending\"", false, &[1, 2]),
        (id, ids, "webhook 0 after webhook 1", true, &[1]),
    ] {
        let (client, mut account) = account(&[(URL, BOTH, "active")], change);
        let wanted = wanted(ONE, "a secret");
        let first = account.run(client.ensure(&wanted)).unwrap_err();
        assert!(first.to_string().contains(text), "{first}");
        let created = first.created().unwrap();
        let second = account.run(client.ensure(&wanted)).unwrap_err();
        assert_eq!([first.kind(), second.kind()], kinds, "{second}");
        assert_eq!(account.provider.ids(), after, "{first}");
        assert_eq!(first.deleted().contains(created), withdrawn);
        assert!(!first.found().is_empty() && first.to_string().contains("1 active"));
    }
}
