//! The fields of a JSON object, as JSON text that is not yet read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::InvalidEvent;

/// The value of a field, as JSON text.
#[derive(Clone, Copy, Default)]
pub(super) struct Field<'a> {
    /// The first value, if the field is given more than once.
    json: Option<&'a str>,
    is_repeated: bool,
}

impl<'a> Field<'a> {
    /// The value. `null` counts as absent.
    pub(super) fn json(self) -> Option<&'a str> {
        self.json.filter(|json| *json != "null")
    }

    /// The value of a field that must not be given twice.
    pub(super) fn once(self, field: &'static str) -> Result<Option<&'a str>, InvalidEvent> {
        match self.is_repeated {
            true => Err(InvalidEvent::RepeatedField(field)),
            false => Ok(self.json()),
        }
    }
}

/// Looks the names up. Other values are checked against JSON's grammar only, so
/// large numbers, deep nesting and half surrogate pairs in them are accepted.
pub(super) fn fields<'a, const N: usize>(
    object: &'a str,
    names: &[&str; N],
) -> Result<[Field<'a>; N], InvalidEvent> {
    let mut fields = [Field::default(); N];
    let mut json = serde_json::Deserializer::from_str(object);
    let visitor = FieldsVisitor {
        names,
        fields: &mut fields,
    };
    match json.deserialize_map(visitor).and_then(|()| json.end()) {
        Ok(()) => Ok(fields),
        Err(error) => Err(InvalidEvent::NotJson(error.to_string().into())),
    }
}

struct FieldsVisitor<'f, 'a> {
    names: &'f [&'f str],
    fields: &'f mut [Field<'a>],
}

impl<'de> Visitor<'de> for FieldsVisitor<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<&RawValue>()? {
            let name = read_text(name.get());
            let mut known = self.names.iter().zip(&mut *self.fields);
            let Some((_, field)) = known.find(|(known, _)| name.as_deref() == Some(**known)) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value: &RawValue = map.next_value()?;
            field.is_repeated = field.json.is_some();
            field.json.get_or_insert(value.get());
        }
        Ok(())
    }
}

/// The text of a JSON string, if it is one and has no half surrogate pair.
pub(super) fn read_text(json: &str) -> Option<Cow<'_, str>> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    match text.contains('\\') {
        true => serde_json::from_str(json).ok().map(Cow::Owned),
        false => Some(Cow::Borrowed(text)),
    }
}

/// The names of the fields that cannot be read, for the log.
#[derive(Default)]
pub(super) struct Unreadable(pub(super) Option<String>);

impl Unreadable {
    /// Returns the value; notes the field if there is none.
    pub(super) fn note<T>(&mut self, field: impl fmt::Display, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.0 = Some(match self.0.take() {
                Some(fields) => format!("{fields}, {field}"),
                None => field.to_string(),
            });
        }
        value
    }
}
