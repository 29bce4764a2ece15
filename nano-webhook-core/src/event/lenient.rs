//! Reading a value without insisting on its type.
//!
//! Which type a field must have depends on the event, and the event's name may
//! come last. So every field is first read as whatever it is.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::parse::NUMBER_AS_TEXT;
use super::{Amount, Credits};
use crate::error::InvalidEvent;

/// What was found for a field.
#[derive(Default)]
pub(super) enum Field<T> {
    #[default]
    Absent,
    Null,
    Value(T),
    Mistyped,
    Repeated,
}

pub(super) type TextField<'a> = Field<Cow<'a, str>>;

impl<T> Field<T> {
    pub(super) fn put(&mut self, found: Self) {
        *self = match self {
            Self::Absent => found,
            _ => Self::Repeated,
        };
    }

    /// For documented events: `null` is as good as absent, another type is not.
    pub(super) fn optional(
        self,
        field: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, InvalidEvent> {
        match self {
            Self::Absent | Self::Null => Ok(None),
            Self::Value(value) => Ok(Some(value)),
            Self::Mistyped => Err(InvalidEvent::WrongType { field, expected }),
            Self::Repeated => Err(InvalidEvent::RepeatedField { field }),
        }
    }

    /// For undocumented ones: what can be read, is.
    pub(super) fn lenient(self, field: &'static str) -> Result<Option<T>, InvalidEvent> {
        match self {
            Self::Value(value) => Ok(Some(value)),
            Self::Absent | Self::Null | Self::Mistyped => Ok(None),
            Self::Repeated => Err(InvalidEvent::RepeatedField { field }),
        }
    }
}

impl<'a> TextField<'a> {
    /// For what a handler cannot do without.
    pub(super) fn required(self, field: &'static str) -> Result<Cow<'a, str>, InvalidEvent> {
        match self.optional(field, "a text")? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(InvalidEvent::MissingField { field }),
        }
    }
}

/// What a type makes of each kind of JSON value; by default none is what it is
/// for.
pub(super) trait Lenient<'de>: Sized {
    fn other() -> Self;

    fn null() -> Self {
        Self::other()
    }

    fn text(_: Cow<'de, str>) -> Self {
        Self::other()
    }

    fn number(_: Amount) -> Self {
        Self::other()
    }

    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::other())
    }
}

/// Reads any JSON value as a `T`.
pub(super) fn read<'de, T: Lenient<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(AnyKind(PhantomData))
}

struct AnyKind<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for AnyKind<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::null())
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::other())
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::number(Amount::Whole(number)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::number(Amount::Negative(number)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::number(Amount::Fraction(number)))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(T::other())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::object(map)
    }
}

impl<'de> Lenient<'de> for TextField<'de> {
    fn other() -> Self {
        Self::Mistyped
    }

    fn null() -> Self {
        Self::Null
    }

    fn text(text: Cow<'de, str>) -> Self {
        Self::Value(text)
    }
}

impl<'de> Deserialize<'de> for TextField<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

/// The number that an object stands for, if it is one of those.
fn number_in<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Amount>, A::Error> {
    let mut amount = None;
    while let Some(Name(name)) = map.next_key()? {
        if name == NUMBER_AS_TEXT {
            let digits: TextField<'_> = map.next_value()?;
            if let Field::Value(digits) = digits {
                amount = (digits.parse().ok())
                    .filter(|number: &f64| number.is_finite())
                    .map(Amount::Fraction);
            }
        } else {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(amount)
}

impl<'de> Lenient<'de> for Field<Credits> {
    fn other() -> Self {
        Self::Mistyped
    }

    fn object<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        Ok(number_in(map)?.map_or(Self::Mistyped, Self::number))
    }

    fn null() -> Self {
        Self::Null
    }

    fn number(amount: Amount) -> Self {
        Self::Value(Credits(amount))
    }
}

impl<'de> Deserialize<'de> for Field<Credits> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

/// The name of a field, borrowed from the text unless it has an escape.
/// (`Cow<str>` itself would always be owned: serde borrows only behind an
/// attribute.)
pub(super) struct Name<'a>(pub(super) Cow<'a, str>);

impl<'de> Lenient<'de> for Name<'de> {
    fn other() -> Self {
        Self(Cow::Borrowed(""))
    }

    fn text(text: Cow<'de, str>) -> Self {
        Self(text)
    }
}

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(AnyKind(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use serde::de::value::{Error, MapDeserializer};

    use super::*;

    /// As serde_json does with `arbitrary_precision`, which no test can turn on
    /// for itself alone: cargo turns it on for all crates of a build.
    #[test]
    fn numbers_may_come_as_texts() {
        for (name, text, expected) in [
            (NUMBER_AS_TEXT, "6.5", Some(6.5)),
            (NUMBER_AS_TEXT, "1e3", Some(1000.0)),
            (NUMBER_AS_TEXT, "1e999", None),
            (NUMBER_AS_TEXT, "six", None),
            ("amount", "6.5", None),
        ] {
            let map = MapDeserializer::<_, Error>::new([(name, text)].into_iter());
            let credits = match Field::<Credits>::deserialize(map) {
                Ok(Field::Value(credits)) => Some(credits.as_f64()),
                _ => None,
            };
            assert_eq!(credits, expected, "{name}: {text}");
        }
    }
}
