use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// The id that the provider gave to a webhook.
///
/// The provider's page shows an integer (`"id": 1`). A text is taken as well,
/// because APIs of this kind move from one to the other: up to 128 of the
/// characters that a URL's path carries as they are (letters, digits, `-`, `.`,
/// `_`, `~`; RFC 3986, section 2.3). A text that is a number in its usual form
/// is that number: `"7"` and `7` are the same id.
///
/// Ids are ordered: numbers by value, then texts alphabetically.
///
/// ```
/// use nano_webhook_client::WebhookId;
///
/// assert_eq!("7".parse::<WebhookId>()?, WebhookId::from(7));
/// assert!("7/../8".parse::<WebhookId>().is_err());
/// # Ok::<(), nano_webhook_client::InvalidId>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(Repr);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    Number(u64),
    Text(Box<str>),
}

const LONGEST: usize = 128;

impl WebhookId {
    /// The id as a number, as the provider's page shows it.
    #[must_use]
    pub const fn as_u64(&self) -> Option<u64> {
        match self.0 {
            Repr::Number(number) => Some(number),
            Repr::Text(_) => None,
        }
    }
}

impl From<u64> for WebhookId {
    fn from(number: u64) -> Self {
        Self(Repr::Number(number))
    }
}

impl FromStr for WebhookId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.parse::<u64>() {
            // "007" and "+7" are other texts than "7", so other ids.
            Ok(number) if number.to_string() == text => Ok(number.into()),
            _ if is_one_segment(text) => Ok(Self(Repr::Text(text.into()))),
            _ => Err(InvalidId(())),
        }
    }
}

/// Whether a text names one segment of a path and stays it: `.` and `..` would
/// name another path.
fn is_one_segment(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(unreserved)
        && !matches!(text, "." | "..")
}

impl fmt::Display for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Number(number) => number.fmt(f),
            Repr::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookId({self})")
    }
}

/// As a number where it is one.
impl Serialize for WebhookId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Number(number) => serializer.serialize_u64(*number),
            Repr::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for WebhookId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = WebhookId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of a webhook")
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<WebhookId, E> {
        Ok(number.into())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<WebhookId, E> {
        text.parse().map_err(E::custom)
    }
}

/// A text cannot be the id of a webhook: it is empty, too long, or has a
/// character that does not belong into a URL's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId(());

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of a webhook is a number, or 1 to 128 letters, digits and -._~")
    }
}

impl std::error::Error for InvalidId {}
