use bytes::Bytes;
use nano_webhook_core::UnixTime;
use serde::Serialize;
use serde_json::{Number, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::event_name::EventName;
use crate::exit::Failure;

/// What a delivery says.
pub(super) enum Content {
    /// An event in the documented shape.
    Event(Event),
    /// A body of the user's.
    Body(Bytes),
}

pub(super) struct Event {
    pub(super) name: String,
    pub(super) task_id: Option<String>,
    pub(super) task_type: String,
    pub(super) url: Option<String>,
    pub(super) credits: Option<Number>,
    pub(super) reason: String,
}

/// The order of the members is that of the provider's example.
#[derive(Serialize)]
struct Payload<'a> {
    event: &'a str,
    task_id: &'a str,
    task_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    data: Data<'a>,
    timestamp: &'a str,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    credits_charged: Number,
}

impl Content {
    /// The body of one delivery.
    pub(super) fn body(&self, signed_at: UnixTime) -> Result<Bytes, Failure> {
        match self {
            Self::Body(body) => Ok(body.clone()),
            Self::Event(event) => event.body(signed_at),
        }
    }
}

impl Event {
    fn body(&self, signed_at: UnixTime) -> Result<Bytes, Failure> {
        let new_task;
        let task_id = match &self.task_id {
            Some(task_id) => task_id,
            None => {
                new_task = format!("task_{:016x}", fastrand::u64(..));
                &new_task
            }
        };
        let default_url;
        let completed = self.name == EventName::COMPLETED;
        let failed = self.name == EventName::FAILED;
        let url = match &self.url {
            Some(url) => Some(url.as_str()),
            None if completed => {
                let extension = if self.task_type == "video" {
                    "mp4"
                } else {
                    "png"
                };
                default_url = format!("https://cdn.example.com/{task_id}.{extension}");
                Some(default_url.as_str())
            }
            None => None,
        };
        let payload = Payload {
            event: &self.name,
            task_id,
            task_type: &self.task_type,
            status: self.name.strip_prefix("job."),
            data: Data {
                url,
                error: failed.then_some(&self.reason),
                credits_charged: self
                    .credits
                    .clone()
                    .unwrap_or_else(|| if completed { 6.into() } else { 0.into() }),
            },
            timestamp: &date(signed_at),
        };
        serde_json::to_vec(&payload)
            .map(Bytes::from)
            .map_err(|error| Failure::usage(format!("the body cannot be written: {error}")))
    }
}

/// `2024-12-23T10:00:00Z`, as in the provider's example.
fn date(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|secs| OffsetDateTime::from_unix_timestamp(secs).ok())
        .and_then(|date| date.format(&Rfc3339).ok())
        .unwrap_or_else(|| "9999-12-31T23:59:59Z".to_owned())
}

/// What a body says of its event and task, if it does. For people to recognise
/// a delivery by; nothing is verified.
pub(crate) fn label(body: &[u8]) -> (Option<String>, Option<String>) {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name| value.get(name).and_then(Value::as_str).map(str::to_owned);
    (text("event"), text("task_id"))
}

#[cfg(test)]
mod tests {
    use super::{Content, Event, label};
    use nano_webhook_core::UnixTime;

    fn event(name: &str) -> Event {
        Event {
            name: name.to_owned(),
            task_id: Some("task_xxx".to_owned()),
            task_type: "image".to_owned(),
            url: None,
            credits: None,
            reason: "why".to_owned(),
        }
    }

    #[test]
    fn bodies() {
        for (name, body) in [
            (
                "job.completed",
                r#"{"event":"job.completed","task_id":"task_xxx","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/task_xxx.png","credits_charged":6},"timestamp":"2024-12-23T10:00:00Z"}"#,
            ),
            (
                "job.failed",
                r#"{"event":"job.failed","task_id":"task_xxx","task_type":"image","status":"failed","data":{"error":"why","credits_charged":0},"timestamp":"2024-12-23T10:00:00Z"}"#,
            ),
            (
                "credits.low",
                r#"{"event":"credits.low","task_id":"task_xxx","task_type":"image","data":{"credits_charged":0},"timestamp":"2024-12-23T10:00:00Z"}"#,
            ),
        ] {
            let content = Content::Event(event(name));
            let written = content.body(UnixTime::from_secs(1_734_948_000)).unwrap();
            assert_eq!(written, body);
            assert_eq!(
                label(&written),
                (Some(name.to_owned()), Some("task_xxx".to_owned()))
            );
        }
        assert_eq!(label(b"no json"), (None, None));
    }

    #[test]
    fn each_delivery_has_a_task_of_its_own() {
        let content = Content::Event(Event {
            task_id: None,
            ..event("job.failed")
        });
        let body = || content.body(UnixTime::from_secs(0)).unwrap();
        assert_ne!(label(&body()).1.unwrap(), label(&body()).1.unwrap());
    }
}
