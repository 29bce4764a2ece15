use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::ErrorKind;
use crate::redact::Redactor;

/// What the provider answered, complete but not yet understood.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Bytes,
}

impl Answer {
    /// What `data` says, if the answer is a documented success.
    pub(crate) fn data<T: DeserializeOwned>(self, redactor: &Redactor) -> Result<T, ErrorKind> {
        let data = self.envelope(redactor)?;
        let Some(data) = data else {
            return Err(self.unexpected(redactor, "`data` is missing"));
        };
        T::deserialize(data)
            .map_err(|error| self.unexpected(redactor, &format!("in `data`: {error}")))
    }

    /// Whether the answer is a success. A deletion may also be answered with
    /// nothing at all, as 204 is; that is not documented, but unmistakable.
    pub(crate) fn success(self, redactor: &Redactor) -> Result<Option<Value>, ErrorKind> {
        if matches!(self.status, 200..=299) && self.body.trim_ascii().is_empty() {
            return Ok(None);
        }
        self.envelope(redactor)
    }

    fn envelope(&self, redactor: &Redactor) -> Result<Option<Value>, ErrorKind> {
        let json = serde_json::from_slice::<Value>(&self.body);
        match self.status {
            200..=299 => {}
            300..=399 => {
                return Err(ErrorKind::Redirected {
                    status: self.status,
                    location: (self.location.as_deref()).map(|location| redactor.text(location)),
                });
            }
            _ => return Err(self.refused(redactor, json.ok().as_ref())),
        }
        let mut json = match json {
            Ok(json) => json,
            Err(_) if self.body.trim_ascii().is_empty() => {
                return Err(self.unexpected(redactor, "it is empty"));
            }
            Err(error) => {
                return Err(self.unexpected(redactor, &format!("it is not JSON: {error}")));
            }
        };
        match json.get("success") {
            Some(Value::Bool(true)) => Ok(json.get_mut("data").map(Value::take)),
            Some(Value::Bool(false)) => Err(self.refused(redactor, Some(&json))),
            _ => Err(self.unexpected(redactor, "there is no `success` that is true or false")),
        }
    }

    fn refused(&self, redactor: &Redactor, json: Option<&Value>) -> ErrorKind {
        let message = json
            .and_then(message)
            .and_then(|message| readable(redactor, message));
        ErrorKind::Refused {
            status: self.status,
            snippet: match message {
                Some(_) => None,
                None => self.snippet(redactor),
            },
            message,
            retry_after: self.retry_after,
        }
    }

    fn unexpected(&self, redactor: &Redactor, problem: &str) -> ErrorKind {
        ErrorKind::Unexpected {
            status: self.status,
            problem: redactor.text(problem),
            snippet: self.snippet(redactor),
        }
    }

    fn snippet(&self, redactor: &Redactor) -> Option<String> {
        match serde_json::from_slice::<Value>(&self.body) {
            Ok(json) => Some(redactor.json(json)),
            Err(_) => readable(redactor, &String::from_utf8_lossy(&self.body)),
        }
    }
}

fn readable(redactor: &Redactor, text: &str) -> Option<String> {
    Some(redactor.text(text)).filter(|text| !text.is_empty())
}

/// The page does not show a failure. These are the forms that APIs with such an
/// envelope use.
fn message(json: &Value) -> Option<&str> {
    let error = json.get("error");
    [
        json.get("message"),
        error,
        error.and_then(|error| error.get("message")),
    ]
    .into_iter()
    .flatten()
    .filter_map(Value::as_str)
    .find(|text| !text.trim().is_empty())
}
