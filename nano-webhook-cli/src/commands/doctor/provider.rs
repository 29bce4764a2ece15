use std::time::Duration;

use http::{HeaderMap, Method};
use nano_webhook_client::{Client, ErrorKind, EventType, Webhook};

use super::clock::{self, Offset};
use super::kinds;
use super::report::Report;
use super::url_difference::url_difference;
use crate::exit::chain;
use crate::http::{Body, Target};
use crate::text::shortened;

/// Does the provider's list name this URL once, active, with these events?
pub(super) async fn check(url: &str, events: &[EventType], client: &Client, report: &mut Report) {
    let list = match client.list().await {
        Ok(list) => list.webhooks,
        Err(error) => {
            let kind = match error.kind() {
                ErrorKind::Unreachable | ErrorKind::Interrupted | ErrorKind::TimedOut => {
                    kinds::PROVIDER_UNREACHABLE
                }
                _ => kinds::PROVIDER_REFUSES,
            };
            return report.add(kind, chain(&error));
        }
    };
    report.checked("the provider's list");
    let (mut same, mut near) = (Vec::new(), Vec::new());
    for webhook in &list {
        match url_difference(&webhook.url, url).as_deref() {
            Some([]) => same.push(webhook),
            Some(differences) => near.push((webhook, differences.join(", "))),
            None => {}
        }
    }
    let nearly = |(webhook, differences): &(&Webhook, String)| {
        format!("{} (differs in {differences})", name(webhook))
    };
    if same.is_empty() {
        if !near.is_empty() {
            return report.add(kinds::REGISTERED_NEARLY, join(near.iter().map(nearly)));
        }
        let seen = match join(list.iter().map(name)) {
            names if names.is_empty() => "the list is empty".to_owned(),
            names => format!("in the list: {names}"),
        };
        return report.add(kinds::NOT_REGISTERED, seen);
    }
    let (active, inactive): (Vec<_>, Vec<_>) =
        same.into_iter().partition(|webhook| webhook.is_active());
    if active.is_empty() {
        let seen = join(inactive.into_iter().map(name));
        return report.add(kinds::REGISTERED_INACTIVE, seen);
    }
    let names = active.iter().copied().map(name);
    // At another port another service may listen.
    near.retain(|(webhook, differences)| webhook.is_active() && !differences.contains("port"));
    if active.len() + near.len() > 1 {
        let all = join(names.clone().chain(near.iter().map(nearly)));
        report.add(kinds::REGISTERED_TWICE, all);
    }
    let missing: Vec<_> = (events.iter())
        .filter(|event| !active.iter().any(|webhook| webhook.events.contains(event)))
        .map(EventType::as_str)
        .collect();
    if !missing.is_empty() {
        let seen = format!("{} lacks {}", join(names), missing.join(", "));
        report.add(kinds::EVENTS_MISSING, seen);
    }
}

fn name(webhook: &Webhook) -> String {
    let (id, url) = (&webhook.id, shortened(&webhook.url, 200));
    format!(
        "webhook {id} ({}) at {url}",
        shortened(webhook.status.as_str(), 40)
    )
}

/// A list can be long.
fn join(names: impl Iterator<Item = String>) -> String {
    names.take(5).collect::<Vec<_>>().join("; ")
}

/// Every answer has a `Date`, so no key is sent.
pub(super) async fn clock(client: &Client, timeout: Duration) -> Option<Offset> {
    let target = Target::new(client.base_url(), true, timeout, 0).ok()?;
    let (answer, offset) =
        clock::measured(target.send(Method::GET, &HeaderMap::new(), Body::default())).await;
    answer.ok().and(offset)
}
