//! The only file on the request's path that names `serde_json`.
//!
//! One pass over the body into one flat struct. Which event it is decides
//! afterwards which fields had to be there. What a failed job says of its cause
//! is looked for in a second pass, which no other event pays for.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::failure::Causes;
use super::lenient::{Field, Lenient, Name, TextField, read};
use super::{Credits, JobCompleted, JobFailed, UnknownEvent, WebhookEvent};
use crate::error::InvalidEvent;
use crate::keyring::Authentic;

/// The name under which serde_json gives a number as its text, if another crate
/// of the same build turns its feature `arbitrary_precision` on.
pub(super) const NUMBER_AS_TEXT: &str = "$serde_json::private::Number";

/// The event in a body that was signed.
pub(crate) fn parse(signed: &Authentic) -> Result<WebhookEvent, InvalidEvent> {
    let text = std::str::from_utf8(&signed.body).map_err(|_| InvalidEvent::NotUtf8)?;
    // serde_json's complaint about a value of another type would quote it.
    if matches!(text.trim_ascii_start().as_bytes().first(), Some(first) if *first != b'{') {
        return Err(InvalidEvent::NotAnObject);
    }
    let mut document = Document::default();
    read_json(text, FillDocument(&mut document))?;
    document.into_event(signed, text)
}

fn read_json<'a, S: DeserializeSeed<'a>>(text: &'a str, seed: S) -> Result<S::Value, InvalidEvent> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = seed.deserialize(&mut json);
    (read.and_then(|value| json.end().map(|()| value))).map_err(|error| InvalidEvent::NotJson {
        problem: error.to_string(),
    })
}

/// Everything that every event is read for.
#[derive(Default)]
struct Document<'a> {
    event: TextField<'a>,
    task_id: TextField<'a>,
    task_type: TextField<'a>,
    status: TextField<'a>,
    timestamp: TextField<'a>,
    data: Field<Data<'a>>,
}

#[derive(Default)]
struct Data<'a> {
    url: TextField<'a>,
    credits_charged: Field<Credits>,
}

impl Document<'_> {
    fn into_event(mut self, signed: &Authentic, text: &str) -> Result<WebhookEvent, InvalidEvent> {
        let event = std::mem::take(&mut self.event).required("event")?;
        match &*event {
            "job.completed" => self.into_completed().map(WebhookEvent::Completed),
            "job.failed" => self.into_failed(signed, text).map(WebhookEvent::Failed),
            _ => self
                .into_unknown(event.into_owned(), signed)
                .map(WebhookEvent::Unknown),
        }
    }

    fn into_completed(self) -> Result<JobCompleted, InvalidEvent> {
        let data = self.data.optional("data", "an object")?.unwrap_or_default();
        Ok(JobCompleted {
            task_id: self.task_id.required("task_id")?.into_owned(),
            url: data.url.required("data.url")?.into_owned(),
            task_type: (self.task_type.optional("task_type", "a text")?).map(Into::into),
            credits_charged: (data.credits_charged).optional("data.credits_charged", "a number")?,
            status: (self.status.optional("status", "a text")?).map(Into::into),
            timestamp: (self.timestamp.optional("timestamp", "a text")?).map(Cow::into_owned),
        })
    }

    fn into_failed(self, signed: &Authentic, text: &str) -> Result<JobFailed, InvalidEvent> {
        let data = self.data.lenient("data")?.unwrap_or_default();
        // Read for nothing but the refusal of a repeated one.
        data.url.lenient("data.url")?;
        // A cause that cannot be read (half a surrogate pair, say) is no reason to
        // lose the event: the body is there.
        let causes = read_json(text, PhantomData::<Causes<'_>>).unwrap_or_default();
        let (reason, code) = causes.explain();
        Ok(JobFailed {
            task_id: self.task_id.required("task_id")?.into_owned(),
            task_type: self.task_type.lenient("task_type")?.map(Into::into),
            credits_charged: data.credits_charged.lenient("data.credits_charged")?,
            status: self.status.lenient("status")?.map(Into::into),
            timestamp: self.timestamp.lenient("timestamp")?.map(Cow::into_owned),
            body: signed.body.clone(),
            reason: reason.map(Cow::into_owned),
            code: code.map(Cow::into_owned),
        })
    }

    fn into_unknown(self, event: String, signed: &Authentic) -> Result<UnknownEvent, InvalidEvent> {
        Ok(UnknownEvent {
            event,
            task_id: (self.task_id.lenient("task_id")?)
                .filter(|id| !id.is_empty())
                .map(Cow::into_owned),
            body: signed.body.clone(),
        })
    }
}

/// Fills a document where it lies: it is large, and every return would copy it.
struct FillDocument<'d, 'a>(&'d mut Document<'a>);

impl<'de> DeserializeSeed<'de> for FillDocument<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FillDocument<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let document = self.0;
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "event" => document.event.put(map.next_value()?),
                "task_id" => document.task_id.put(map.next_value()?),
                "task_type" => document.task_type.put(map.next_value()?),
                "status" => document.status.put(map.next_value()?),
                "timestamp" => document.timestamp.put(map.next_value()?),
                "data" => document.data.put(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

impl<'de> Lenient<'de> for Field<Data<'de>> {
    fn other() -> Self {
        Self::Mistyped
    }

    fn null() -> Self {
        Self::Null
    }

    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut data = Data::default();
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "url" => data.url.put(map.next_value()?),
                "credits_charged" => data.credits_charged.put(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Self::Value(data))
    }
}

impl<'de> Deserialize<'de> for Field<Data<'de>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}
