use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::Error;

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
/// # Ok::<(), nano_webhook_client::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WebhookId(Box<str>);

impl WebhookId {
    /// The id as a number, which is the documented form.
    pub fn as_u64(&self) -> Option<u64> {
        // "007" is another text than "7", so another id.
        (self.0.parse().ok()).filter(|number: &u64| number.to_string() == *self.0)
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
        Self(number.to_string().into())
    }
}

impl FromStr for WebhookId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_id = matches!(text.len(), 1..=128) && text.bytes().all(unreserved);
        // `.` and `..` would name another path.
        match is_id && !matches!(text, "." | "..") {
            true => Ok(Self(text.into())),
            false => Err(Error::invalid(
                "the id of a webhook is a number, or 1 to 128 letters, digits and -._~",
            )),
        }
    }
}

impl fmt::Display for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for WebhookId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_u64() {
            Some(number) => serializer.serialize_u64(number),
            None => serializer.serialize_str(&self.0),
        }
    }
}
