use nano_webhook_client::{Webhook, WebhookId};

use crate::exit::Failure;
use crate::output::{FAINT, GOOD, Output, WARNING, styled};
use crate::text::printable;

/// Webhooks, one a line.
pub(super) fn table(webhooks: &[Webhook], output: &Output) -> Result<(), Failure> {
    if webhooks.is_empty() {
        output.note("no webhooks");
        return Ok(());
    }
    let titles = ["ID", "STATUS", "EVENTS"].map(str::to_owned);
    let rows: Vec<_> = webhooks.iter().map(columns).collect();
    let mut widths = [0; 3];
    for row in rows.iter().chain([&titles]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let [id, status, events] = widths;
    output.line(styled(
        FAINT,
        format_args!(
            "{:<id$}  {:<status$}  {:<events$}  URL",
            "ID", "STATUS", "EVENTS"
        ),
    ))?;
    for (webhook, [number, state, names]) in webhooks.iter().zip(&rows) {
        let style = if webhook.is_active() { GOOD } else { WARNING };
        output.line(format_args!(
            "{number:<id$}  {}  {names:<events$}  {}",
            styled(style, format_args!("{state:<status$}")),
            printable(&webhook.url),
        ))?;
    }
    Ok(())
}

fn columns(webhook: &Webhook) -> [String; 3] {
    let events: Vec<_> = (webhook.events.iter())
        .map(|event| printable(event.as_str()))
        .collect();
    [
        webhook.id.to_string(),
        printable(webhook.status.as_str()),
        events.join(","),
    ]
}

/// What was done, and the webhook as it is now.
pub(super) fn done(what: &str, webhook: &Webhook, output: &Output) -> Result<(), Failure> {
    let [id, status, events] = columns(webhook);
    output.line(format_args!(
        "{} webhook {id} ({status}): {events} → {}",
        styled(GOOD, what),
        printable(&webhook.url)
    ))
}

pub(super) fn deleted(ids: &[WebhookId], output: &Output) -> Result<(), Failure> {
    for id in ids {
        output.line(format_args!("{} webhook {id}", styled(WARNING, "deleted")))?;
    }
    Ok(())
}
