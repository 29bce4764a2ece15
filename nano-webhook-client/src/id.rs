use std::fmt;
use std::str::FromStr;

use serde::Serialize;
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
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct WebhookId(Repr);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
enum Repr {
    Number(u64),
    Text(Box<str>),
}

impl WebhookId {
    /// The id as a number, which is the documented form.
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
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match text.parse::<u64>() {
            // "007" and "+7" are different texts from "7", so different ids.
            Ok(number) if number.to_string() == text => Ok(number.into()),
            // `.` and `..` would name another path.
            _ if matches!(text.len(), 1..=128)
                && text.bytes().all(unreserved)
                && !matches!(text, "." | "..") =>
            {
                Ok(Self(Repr::Text(text.into())))
            }
            _ => Err(Error::invalid(
                "the id of a webhook is a number, or 1 to 128 letters, digits and -._~",
            )),
        }
    }
}

impl fmt::Display for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Number(number) => number.fmt(f),
            Repr::Text(text) => f.write_str(text),
        }
    }
}
