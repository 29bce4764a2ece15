//! The fields of a signed body from which events are built.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor,
};
use serde_json::value::RawValue;

use super::Credits;
use super::failure::{CAUSES, Causes};
use super::fields::{Field, Unreadable, fields, read_text};
use crate::error::InvalidEvent;

/// The fields of all events. Which of them an event requires is checked later,
/// because the name of the event may come last.
#[derive(Default)]
pub(super) struct Document<'a> {
    pub(super) event: Option<Cow<'a, str>>,
    pub(super) task_id: Option<Cow<'a, str>>,
    pub(super) task_type: Option<Cow<'a, str>>,
    pub(super) status: Option<Cow<'a, str>>,
    pub(super) timestamp: Option<Cow<'a, str>>,
    pub(super) url: Option<Cow<'a, str>>,
    pub(super) credits_charged: Option<Credits>,
    pub(super) causes: Causes<'a>,
}

impl<'a> Document<'a> {
    /// Reads the document in one pass if each field is as documented. Otherwise
    /// reads it field by field, so that an unreadable value affects no other.
    pub(super) fn read(text: &'a str, unreadable: &mut Unreadable) -> Result<Self, InvalidEvent> {
        let mut document = Self::default();
        let mut json = serde_json::Deserializer::from_str(text);
        let pass = OnePass {
            document: &mut document,
            is_data: false,
        };
        match pass.deserialize(&mut json).and_then(|()| json.end()) {
            Ok(()) => Ok(document),
            Err(_) => Self::field_by_field(text, unreadable),
        }
    }

    fn field_by_field(text: &'a str, unreadable: &mut Unreadable) -> Result<Self, InvalidEvent> {
        const NAMES: [&str; 6] = [
            "event",
            "task_id",
            "task_type",
            "status",
            "timestamp",
            "data",
        ];
        let [event, task_id, task_type, status, timestamp, data] = fields(text, &NAMES)?;
        let mut optional = |name, field: Field<'a>| {
            let json = field.once(name)?;
            Ok(json.and_then(|json| unreadable.note(name, read_text(json))))
        };
        let mut document = Self {
            event: optional("event", event)?,
            task_id: optional("task_id", task_id)?,
            ..Self::default()
        };
        // In an unknown event the other names are unknown fields.
        if !matches!(
            document.event.as_deref(),
            Some("job.completed" | "job.failed")
        ) {
            return Ok(document);
        }
        document.task_type = optional("task_type", task_type)?;
        document.status = optional("status", status)?;
        document.timestamp = optional("timestamp", timestamp)?;
        document.causes.beside = fields(text, &CAUSES)?.map(Field::json);
        match data.once("data")? {
            Some(data) if data.starts_with('{') => {
                let [url, credits] = fields(data, &["url", "credits_charged"])?;
                document.url = optional("data.url", url)?;
                let credits = credits.once("data.credits_charged")?;
                document.credits_charged = credits.and_then(|json| {
                    unreadable.note("data.credits_charged", Credits::from_json(json))
                });
                document.causes.inside = fields(data, &CAUSES)?.map(Field::json);
            }
            data => document.causes.data = data,
        }
        Ok(document)
    }
}

/// Fills a document in one pass, its `data` included. Fails on a field that is
/// given twice or does not have its documented type.
struct OnePass<'d, 'a> {
    document: &'d mut Document<'a>,
    is_data: bool,
}

impl<'de> DeserializeSeed<'de> for OnePass<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OnePass<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { document, is_data } = self;
        let mut has_data = false;
        while let Some(Text(name)) = map.next_key()? {
            let field = match (is_data, &*name) {
                (false, "event") => &mut document.event,
                (false, "task_id") => &mut document.task_id,
                (false, "task_type") => &mut document.task_type,
                (false, "status") => &mut document.status,
                (false, "timestamp") => &mut document.timestamp,
                (true, "url") => &mut document.url,
                (false, "data") if !has_data => {
                    has_data = true;
                    map.next_value_seed(OnePass {
                        document,
                        is_data: true,
                    })?;
                    continue;
                }
                (true, "credits_charged") if document.credits_charged.is_none() => {
                    document.credits_charged = Some(map.next_value::<u64>()?.into());
                    continue;
                }
                (false, "data") | (true, "credits_charged") => {
                    return Err(A::Error::custom("given twice"));
                }
                (_, name) => {
                    let Some(cause) = document.causes.at(is_data, name) else {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    cause.get_or_insert(map.next_value::<&RawValue>()?.get());
                    continue;
                }
            };
            let Text(text) = map.next_value()?;
            if field.replace(text).is_some() {
                return Err(A::Error::custom("given twice"));
            }
        }
        Ok(())
    }
}

/// A text, borrowed where it has no escapes. (serde's `Cow` is always owned,
/// except in derived code.)
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}
