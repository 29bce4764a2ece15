use bytes::Bytes;
use clap::ValueEnum;
use http::header::HeaderMap;
use nano_webhook_client::EventType;
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{Signer, UnixTime};
use serde::Serialize;
use serde_json::Number;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::exit::Failure;
use crate::headers::{json, with_signature};

/// What an event in the documented shape says.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Content")]
pub(super) struct Content {
    /// The task id [default: a new one for each delivery]
    #[arg(long, value_name = "ID", conflicts_with = "body")]
    task_id: Option<String>,

    /// The type of the task
    #[arg(
        long,
        value_name = "TYPE",
        default_value = "image",
        conflicts_with = "body"
    )]
    task_type: String,

    /// The URL of the result of a completed job
    #[arg(long, value_name = "URL", conflicts_with = "body")]
    result_url: Option<String>,

    /// What the job cost [default: 6 for a completed job, else 0]
    #[arg(long, value_name = "NUMBER", conflicts_with = "body", value_parser = parse_number)]
    credits: Option<Number>,

    /// Why the job failed
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "the job failed",
        conflicts_with = "body"
    )]
    reason: String,
}

/// How a delivery is signed, and made invalid.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Signature")]
pub(super) struct Signature {
    /// Sign with this text as the timestamp, also if it is not a time [default: now]
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with_all = ["millis", "stale"])]
    timestamp: Option<String>,

    /// Write the timestamp in milliseconds instead of seconds
    #[arg(long)]
    millis: bool,

    /// Sign so many seconds ago [without a number: 600, twice what is tolerated]
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "600")]
    stale: Option<u64>,

    /// Change something after it was signed; may be given several times
    #[arg(long, value_name = "WHAT")]
    tamper: Vec<Tamper>,
}

/// What is changed after it was signed.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Tamper {
    /// The last letter or digit of the body
    Body,
    /// The last digit of the signature
    Signature,
    /// The timestamp, by a second
    Timestamp,
}

/// How each delivery is made.
pub(super) struct Recipe {
    pub(super) event: EventType,
    pub(super) content: Content,
    /// A body of the user's, instead of an event.
    pub(super) body: Option<Bytes>,
    pub(super) signing: Signing,
    pub(super) signature: Signature,
}

pub(super) enum Signing {
    /// Sign each delivery.
    Sign(Signer),
    /// The headers of a delivery that was stored, with its signature.
    AsStored(HeaderMap),
}

/// One delivery, ready to be sent.
pub(crate) struct Prepared {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Recipe {
    pub(super) fn prepare(&self) -> Result<Prepared, Failure> {
        let age = std::time::Duration::from_secs(self.signature.stale.unwrap_or_default());
        let signed_at = UnixTime::now().saturating_sub(age);
        let mut body = match &self.body {
            Some(body) => body.clone(),
            None => self.content.body(&self.event, signed_at)?,
        };
        let (headers, mut timestamp, mut signature) = match &self.signing {
            Signing::Sign(signer) => {
                let timestamp = match &self.signature.timestamp {
                    Some(text) => text.clone(),
                    None if self.signature.millis => signed_at.as_millis().to_string(),
                    None => signed_at.as_secs().to_string(),
                };
                let signed = signer.sign_with_timestamp(&timestamp, &body);
                (json(), timestamp, signed.signature().to_owned())
            }
            Signing::AsStored(headers) if self.signature.tamper.is_empty() => {
                let headers = headers.clone();
                return Ok(Prepared { headers, body });
            }
            Signing::AsStored(headers) => (
                headers.clone(),
                value(headers, HeaderField::Timestamp)?,
                value(headers, HeaderField::Signature)?,
            ),
        };
        // Each once: a second change would take the first one back.
        let all = [Tamper::Body, Tamper::Signature, Tamper::Timestamp];
        let chosen = |what: &Tamper| self.signature.tamper.contains(what);
        for what in all.into_iter().filter(chosen) {
            match what {
                Tamper::Body => body = tampered(&body),
                Tamper::Signature => {
                    let last = signature.pop();
                    signature.push(if last == Some('0') { '1' } else { '0' });
                }
                Tamper::Timestamp => {
                    timestamp = match timestamp.parse::<u64>() {
                        Ok(number) => number.saturating_add(1).to_string(),
                        Err(_) => format!("{timestamp}0"),
                    };
                }
            }
        }
        let headers = with_signature(headers, &timestamp, &signature)?;
        Ok(Prepared { headers, body })
    }
}

/// Still JSON if it was, so that nothing but the signature can tell.
fn tampered(body: &Bytes) -> Bytes {
    let mut changed = body.to_vec();
    match changed
        .iter_mut()
        .rfind(|byte| byte.is_ascii_alphanumeric())
    {
        // Another one of the same kind.
        Some(byte @ (b'9' | b'z' | b'Z')) => *byte -= 1,
        Some(byte) => *byte += 1,
        None => changed.push(b' '),
    }
    changed.into()
}

fn value(headers: &HeaderMap, field: HeaderField) -> Result<String, Failure> {
    let value = headers
        .get(field.name())
        .and_then(|value| value.to_str().ok());
    let missing = || Failure::usage(format!("--headers: the file has no {field} to tamper with"));
    value.map(str::to_owned).ok_or_else(missing)
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
    timestamp: String,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    credits_charged: Number,
}

impl Content {
    fn body(&self, event: &EventType, signed_at: UnixTime) -> Result<Bytes, Failure> {
        let is_completed = *event == EventType::JOB_COMPLETED;
        let new_task = || format!("task_{:016x}", fastrand::u64(..));
        let task_id = self.task_id.clone().unwrap_or_else(new_task);
        let is_video = self.task_type == "video";
        let extension = if is_video { "mp4" } else { "png" };
        let result = || format!("https://cdn.example.com/{task_id}.{extension}");
        let url = self.result_url.clone();
        let credits = || if is_completed { 6 } else { 0 }.into();
        let payload = Payload {
            event: event.as_str(),
            task_id: &task_id,
            task_type: &self.task_type,
            status: event.as_str().strip_prefix("job."),
            data: Data {
                url: url.or_else(|| is_completed.then(result)),
                error: (*event == EventType::JOB_FAILED).then_some(&self.reason),
                credits_charged: self.credits.clone().unwrap_or_else(credits),
            },
            timestamp: date(signed_at),
        };
        Ok(serde_json::to_vec(&payload)?.into())
    }
}

/// `2024-12-23T10:00:00Z`, as in the provider's example.
fn date(time: UnixTime) -> String {
    let secs = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let date = OffsetDateTime::from_unix_timestamp(secs).ok();
    let text = date.and_then(|date| date.format(&Rfc3339).ok());
    text.unwrap_or_else(|| "9999-12-31T23:59:59Z".to_owned())
}

fn parse_number(text: &str) -> Result<Number, String> {
    text.parse().map_err(|_| "not a number".to_owned())
}

#[cfg(test)]
mod tests {
    use super::tampered;

    #[test]
    fn there_is_always_something_to_change() {
        for (body, changed) in [("", " "), ("{}", "{} "), (r#"{"a":"0Z"}"#, r#"{"a":"0Y"}"#)] {
            assert_eq!(tampered(&body.into()), changed);
        }
    }
}
