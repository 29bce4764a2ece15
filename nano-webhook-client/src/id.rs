use std::fmt;
use std::str::FromStr;

use serde::ser::{Serialize, Serializer};
use serde_json::Value;

/// The id that the provider gave to a webhook.
///
/// The provider documents an integer (`"id": 1`). A text is accepted too: up to
/// 128 characters that a URL path carries unescaped (letters, digits, `-`, `.`,
/// `_`, `~`; RFC 3986, section 2.3). A text that is a number in its usual form is
/// that number: `"7"` and `7` are the same id.
///
/// ```
/// use nano_webhook_client::WebhookId;
///
/// assert_eq!("7".parse::<WebhookId>()?, WebhookId::from(7));
/// assert!("7/../8".parse::<WebhookId>().is_err());
/// # Ok::<(), nano_webhook_client::InvalidId>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WebhookId(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Number(u64),
    Text(Box<str>),
}

const LONGEST: usize = 128;

impl WebhookId {
    /// The id as a number, which is the documented form.
    #[must_use]
    pub const fn as_u64(&self) -> Option<u64> {
        match self.0 {
            Repr::Number(number) => Some(number),
            Repr::Text(_) => None,
        }
    }

    pub(crate) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64().map(Self::from),
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
            // "007" and "+7" are different texts from "7", so different ids.
            Ok(number) if number.to_string() == text => Ok(number.into()),
            _ if is_path_segment(text) => Ok(Self(Repr::Text(text.into()))),
            _ => Err(InvalidId(())),
        }
    }
}

/// `.` and `..` would name another path.
fn is_path_segment(text: &str) -> bool {
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

/// Writes a number if the id is one.
impl Serialize for WebhookId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Number(number) => serializer.serialize_u64(*number),
            Repr::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// The text cannot be the id of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId(());

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of a webhook is a number, or 1 to 128 letters, digits and -._~")
    }
}

impl std::error::Error for InvalidId {}
