use std::borrow::Cow;

use super::document::Document;
use super::failure::Cause;
use super::fields::Unreadable;
use super::{JobCompleted, JobFailed, UnknownEvent, WebhookEvent};
use crate::error::InvalidEvent;
use crate::keyring::Authentic;

/// The event in a body that was signed. A value that is not required and cannot
/// be read counts as absent; one warning names all such fields.
pub(crate) fn parse(signed: &Authentic) -> Result<WebhookEvent, InvalidEvent> {
    let text = std::str::from_utf8(&signed.body).map_err(|_| InvalidEvent::NotUtf8)?;
    // serde_json's error about a value of another type would quote the value.
    if matches!(text.trim_ascii_start().as_bytes().first(), Some(first) if *first != b'{') {
        return Err(InvalidEvent::NotAnObject);
    }
    let mut unreadable = Unreadable::default();
    let event = read(text, &mut unreadable)?;
    if let Unreadable(Some(fields)) = unreadable {
        tracing::warn!(
            event = event.name(),
            task_id = event.task_id(),
            fields,
            "fields of a delivery cannot be read and count as absent; the signed body has them"
        );
    }
    Ok(event)
}

fn read(text: &str, unreadable: &mut Unreadable) -> Result<WebhookEvent, InvalidEvent> {
    let document = Document::read(text, unreadable)?;
    let event = required("event", document.event)?;
    match &*event {
        "job.completed" => Ok(WebhookEvent::Completed(JobCompleted {
            task_id: required("task_id", document.task_id)?.into_owned(),
            url: required("data.url", document.url)?.into_owned(),
            task_type: document.task_type.map(Into::into),
            credits_charged: document.credits_charged,
            status: document.status.map(Into::into),
            timestamp: document.timestamp.map(Cow::into_owned),
        })),
        "job.failed" => {
            let Cause { reason, code } = Cause::find(document.causes, unreadable)?;
            Ok(WebhookEvent::Failed(JobFailed {
                task_id: required("task_id", document.task_id)?.into_owned(),
                task_type: document.task_type.map(Into::into),
                credits_charged: document.credits_charged,
                status: document.status.map(Into::into),
                timestamp: document.timestamp.map(Cow::into_owned),
                reason: reason.map(Cow::into_owned),
                code: code.map(Cow::into_owned),
            }))
        }
        _ => Ok(WebhookEvent::Unknown(UnknownEvent {
            event: event.into_owned(),
            task_id: (document.task_id.filter(|id| !id.is_empty())).map(Cow::into_owned),
        })),
    }
}

fn required<'a>(
    field: &'static str,
    text: Option<Cow<'a, str>>,
) -> Result<Cow<'a, str>, InvalidEvent> {
    let text = text.filter(|text| !text.is_empty());
    text.ok_or(InvalidEvent::MissingField(field))
}
