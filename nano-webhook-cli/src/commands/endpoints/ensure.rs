use nano_webhook_client::{Change, EventType, Webhook, WebhookId};
use serde_json::json;

use super::{Create, Loaded, connection};
use crate::exit::Failure;
use crate::output::Output;
use crate::secrets::Input;

pub(super) async fn run(args: &Create, output: &Output) -> Result<(), Failure> {
    let mut input = Input::default();
    let client = args.client(&mut input, output)?;
    let events = args.events_or_both();
    if args.secret.generate_secret {
        let active = client.active_at(&args.url).await;
        match active.map_err(connection::explain)?.as_slice() {
            [] => {}
            [webhook] if has_events(webhook, &events) => {
                output.note("the webhook exists, with a secret that the provider does not return; no secret was made");
                return report(Loaded::default(), "unchanged", webhook, &[], &[], output);
            }
            _ => {
                return Err(Failure::usage(
                    "the webhooks at this URL are not the wanted one, and to replace them with a new secret would lose deliveries until the receivers have it; give the secret that the receivers have, or use `endpoints rotate`",
                ));
            }
        }
    }
    let mut loaded = args.secret.load(&mut input, output)?;
    let wanted = args.webhook(events, &loaded);
    let ensured = loaded.change(client.ensure(&wanted), output).await?;
    for webhook in &ensured.inactive {
        output.warn(format_args!(
            "webhook {} points at the same URL, but is not active; it was not changed",
            webhook.id
        ));
    }
    let (change, deleted) = match &ensured.change {
        Change::Unchanged => ("unchanged", &[][..]),
        Change::Recreated { deleted } => ("recreated", deleted.as_slice()),
        _ => ("created", &[][..]),
    };
    if change == "unchanged" {
        loaded.discard();
    }
    report(
        loaded,
        change,
        &ensured.webhook,
        deleted,
        &ensured.inactive,
        output,
    )
}

fn report(
    loaded: Loaded,
    change: &str,
    webhook: &Webhook,
    deleted: &[WebhookId],
    inactive: &[Webhook],
    output: &Output,
) -> Result<(), Failure> {
    let result =
        json!({ "webhook": webhook, "change": change, "deleted": deleted, "inactive": inactive });
    loaded.used(change, webhook, deleted, result, output)
}

fn has_events(webhook: &Webhook, events: &[EventType]) -> bool {
    let sorted = |events: &[EventType]| {
        let mut events = events.to_vec();
        events.sort();
        events
    };
    sorted(&webhook.events) == sorted(events)
}
