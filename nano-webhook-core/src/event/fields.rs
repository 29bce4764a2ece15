//! The fields of a JSON object, each as the text of its value.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::InvalidEvent;

/// What an object has under a name.
#[derive(Clone, Copy, Default)]
pub(super) struct Field<'a> {
    /// The text of the value; of several, this is the first.
    json: Option<&'a str>,
    is_repeated: bool,
}

impl<'a> Field<'a> {
    /// The text of the value. `null` counts as absent.
    pub(super) fn json(self) -> Option<&'a str> {
        self.json.filter(|json| *json != "null")
    }

    /// The same for a field that must not be given twice.
    pub(super) fn once(self, field: &'static str) -> Result<Option<&'a str>, InvalidEvent> {
        match self.is_repeated {
            true => Err(InvalidEvent::RepeatedField { field }),
            false => Ok(self.json()),
        }
    }
}

/// The fields of these names. All else in the object is checked for its grammar
/// and not read, so that no value in it can be too large, too deep or half a
/// character.
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
        Err(error) => Err(InvalidEvent::NotJson {
            problem: error.to_string(),
        }),
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

/// The text of a JSON string, unless it has half a surrogate pair in it.
pub(super) fn read_text(json: &str) -> Option<Cow<'_, str>> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    match text.contains('\\') {
        true => serde_json::from_str(json).ok().map(Cow::Owned),
        false => Some(Cow::Borrowed(text)),
    }
}

/// The names of the fields whose value cannot be read.
#[derive(Default)]
pub(super) struct Unreadable(pub(super) Option<String>);

impl Unreadable {
    /// Passes the value on; without one, notes the field.
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
