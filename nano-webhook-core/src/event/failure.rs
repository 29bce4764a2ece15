//! What an undocumented failure payload says of its cause.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess};

use super::Amount;
use super::lenient::{Lenient, Name, read};

/// In the order in which they are asked.
const REASON_NAMES: [&str; 5] = [
    "error",
    "reason",
    "message",
    "error_message",
    "failure_reason",
];
const CODE_NAMES: [&str; 2] = ["code", "error_code"];

type Text<'a> = Cow<'a, str>;

/// What a whole document says.
#[derive(Default)]
pub(super) struct Causes<'a> {
    inside: Data<'a>,
    beside: Level<'a>,
}

/// `data`: documented as an object; in a failed job it might be a text.
#[derive(Default)]
struct Data<'a> {
    level: Level<'a>,
    text: Option<Text<'a>>,
}

/// What one level of a document says, under the names that APIs of this kind
/// use.
#[derive(Default)]
struct Level<'a> {
    reasons: [Explanation<'a>; REASON_NAMES.len()],
    codes: [Scalar<'a>; CODE_NAMES.len()],
}

impl<'a> Causes<'a> {
    /// The reason and the code. What stands inside `data` goes before what
    /// stands beside it; a `data` that is itself a text goes last. The code
    /// comes from the object that gave the reason, else from the first object
    /// that has one, else from a field of its own.
    pub(super) fn explain(self) -> (Option<Text<'a>>, Option<Text<'a>>) {
        let Self { inside, beside } = self;
        let mut given = Explanation::default();
        let mut other_code = None;
        for explanation in inside.level.reasons.into_iter().chain(beside.reasons) {
            if given.reason.is_none() && explanation.reason.is_some() {
                given = explanation;
            } else {
                other_code = other_code.or(explanation.code);
            }
        }
        let reason = (given.reason).or(inside.text.filter(|text| !text.is_empty()));
        let code = given.code.or(other_code).or_else(|| {
            (inside.level.codes.into_iter())
                .chain(beside.codes)
                .find_map(Scalar::into_code)
        });
        (reason, code)
    }
}

impl<'de> Lenient<'de> for Causes<'de> {
    fn other() -> Self {
        Self::default()
    }

    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut causes = Self::default();
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "data" => causes.inside = map.next_value()?,
                other => causes.beside.read_field(other, &mut map)?,
            }
        }
        Ok(causes)
    }
}

impl<'de> Deserialize<'de> for Causes<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

impl<'de> Lenient<'de> for Data<'de> {
    fn other() -> Self {
        Self::default()
    }

    fn text(text: Text<'de>) -> Self {
        Self {
            text: Some(text),
            ..Self::default()
        }
    }

    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut level = Level::default();
        while let Some(Name(name)) = map.next_key()? {
            level.read_field(&name, &mut map)?;
        }
        Ok(Self { level, text: None })
    }
}

impl<'de> Deserialize<'de> for Data<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

impl<'a> Level<'a> {
    /// Reads the value of a field if its name is one of ours. Of a name given
    /// twice the first counts: nothing here is documented, so nothing here is a
    /// reason to refuse.
    fn read_field<A: MapAccess<'a>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if let Some(slot) = slot(&mut self.reasons, &REASON_NAMES, name) {
            let found = map.next_value()?;
            if slot.reason.is_none() && slot.code.is_none() {
                *slot = found;
            }
        } else if let Some(slot) = slot(&mut self.codes, &CODE_NAMES, name) {
            let found = map.next_value()?;
            slot.fill(found);
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

fn slot<'s, T>(slots: &'s mut [T], names: &[&str], name: &str) -> Option<&'s mut T> {
    slots
        .iter_mut()
        .zip(names)
        .find_map(|(slot, candidate)| (*candidate == name).then_some(slot))
}

/// A text, or an object with a text and perhaps a code in it.
#[derive(Default)]
struct Explanation<'a> {
    reason: Option<Text<'a>>,
    code: Option<Text<'a>>,
}

impl<'de> Lenient<'de> for Explanation<'de> {
    fn other() -> Self {
        Self::default()
    }

    fn text(text: Text<'de>) -> Self {
        Self {
            reason: Scalar::Text(text).into_text(),
            code: None,
        }
    }

    fn object<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut message = Scalar::Nothing;
        let mut reason = Scalar::Nothing;
        let mut error = Scalar::Nothing;
        let mut code = Scalar::Nothing;
        let mut kind = Scalar::Nothing;
        while let Some(Name(name)) = map.next_key()? {
            let slot = match &*name {
                "message" => &mut message,
                "reason" => &mut reason,
                "error" => &mut error,
                "code" => &mut code,
                "type" => &mut kind,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            slot.fill(map.next_value()?);
        }
        Ok(Self {
            reason: (message.into_text())
                .or_else(|| reason.into_text())
                .or_else(|| error.into_text()),
            code: code.into_code().or_else(|| kind.into_text()),
        })
    }
}

impl<'de> Deserialize<'de> for Explanation<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

/// A text or a whole number; of anything else, nothing.
#[derive(Default)]
enum Scalar<'a> {
    #[default]
    Nothing,
    Text(Text<'a>),
    Whole(String),
}

impl<'a> Scalar<'a> {
    fn fill(&mut self, found: Self) {
        if matches!(self, Self::Nothing) {
            *self = found;
        }
    }

    fn into_text(self) -> Option<Text<'a>> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    fn into_code(self) -> Option<Text<'a>> {
        match self {
            Self::Whole(digits) => Some(Cow::Owned(digits)),
            other => other.into_text(),
        }
    }
}

impl<'de> Lenient<'de> for Scalar<'de> {
    fn other() -> Self {
        Self::Nothing
    }

    fn text(text: Text<'de>) -> Self {
        Self::Text(text)
    }

    fn number(amount: Amount) -> Self {
        match amount {
            Amount::Whole(number) => Self::Whole(number.to_string()),
            Amount::Negative(number) => Self::Whole(number.to_string()),
            Amount::Fraction(_) => Self::Nothing,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}
