use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{Signer, UnixTime};

use super::content::{Content, label};
use super::tamper::Tamper;
use crate::exit::Failure;

/// How each delivery is made.
pub(super) struct Recipe {
    pub(super) content: Content,
    pub(super) signing: Signing,
    pub(super) tamper: Vec<Tamper>,
}

pub(super) enum Signing {
    /// Sign each delivery.
    Sign { signer: Signer, time: Time },
    /// The headers of a delivery that was stored, with its signature.
    AsStored(HeaderMap),
}

/// What is written as the timestamp.
pub(super) enum Time {
    /// Now, or so long ago.
    Ago { age: Duration, millis: bool },
    /// A text that the user gives.
    Text(String),
}

/// One delivery, ready to be sent.
pub(super) struct Prepared {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Prepared {
    /// Event and task, for people.
    pub(super) fn label(&self) -> (Option<String>, Option<String>) {
        label(&self.body)
    }
}

impl Recipe {
    pub(super) fn prepare(&self) -> Result<Prepared, Failure> {
        let (mut headers, mut timestamp, mut signature, mut body) = match &self.signing {
            Signing::Sign { signer, time } => {
                let (signed_at, timestamp) = time.now();
                let body = self.content.body(signed_at)?;
                let signed = signer.sign_with_timestamp(&timestamp, &body);
                let mut headers = HeaderMap::new();
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                (headers, timestamp, signed.signature().to_owned(), body)
            }
            Signing::AsStored(headers) if self.tamper.is_empty() => {
                return Ok(Prepared {
                    headers: headers.clone(),
                    body: self.content.body(UnixTime::now())?,
                });
            }
            Signing::AsStored(headers) => (
                headers.clone(),
                value(headers, HeaderField::Timestamp)?,
                value(headers, HeaderField::Signature)?,
                self.content.body(UnixTime::now())?,
            ),
        };
        for what in &self.tamper {
            what.apply(&mut timestamp, &mut signature, &mut body);
        }
        for (field, text) in [
            (HeaderField::Timestamp, &timestamp),
            (HeaderField::Signature, &signature),
        ] {
            let mut value = HeaderValue::from_str(text)
                .map_err(|_| Failure::usage(format!("no header can carry this as {field}")))?;
            value.set_sensitive(true);
            headers.insert(field.name(), value);
        }
        Ok(Prepared { headers, body })
    }
}

impl Time {
    /// The time, and how it is written.
    fn now(&self) -> (UnixTime, String) {
        match self {
            Self::Text(text) => (UnixTime::now(), text.clone()),
            Self::Ago { age, millis } => {
                let time = UnixTime::now().saturating_sub(*age);
                let text = match millis {
                    true => time.as_millis().to_string(),
                    false => time.as_secs().to_string(),
                };
                (time, text)
            }
        }
    }
}

fn value(headers: &HeaderMap, field: HeaderField) -> Result<String, Failure> {
    headers
        .get(field.name())
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
        .ok_or_else(|| Failure::usage(format!("--headers: the file has no {field} to tamper with")))
}
