use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::error_kind::ErrorKind;
use crate::retry::retry_after;

/// A complete HTTP answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The envelope of a success: `{"success":true,…}`.
    pub(crate) fn envelope(&self) -> Result<Map<String, Value>, Error> {
        match self.status {
            200..=299 => {}
            300..=399 => return Err(Error::new(ErrorKind::Redirected).with_status(self.status)),
            _ => return Err(self.refused()),
        }
        if self.is_empty() {
            return Err(self.unexpected("it is empty"));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(envelope)) => match envelope.get("success") {
                Some(Value::Bool(true)) => Ok(envelope),
                Some(Value::Bool(false)) => Err(self.refused()),
                _ => Err(self.unexpected("`success` is neither true nor false")),
            },
            Ok(_) => Err(self.unexpected("it is not a JSON object")),
            Err(_) => Err(self.unexpected("it is not JSON")),
        }
    }

    /// Whether a deletion succeeded. It may be answered without a body.
    pub(crate) fn deletion(&self) -> Result<Map<String, Value>, Error> {
        match self.status {
            200..=299 if self.is_empty() => Ok(Map::new()),
            _ => self.envelope(),
        }
    }

    pub(crate) fn unexpected(&self, problem: &'static str) -> Error {
        Error::new(ErrorKind::Unexpected)
            .with_status(self.status)
            .detail(problem)
    }

    fn refused(&self) -> Error {
        Error::new(ErrorKind::Refused)
            .with_status(self.status)
            .with_retry_after(retry_after(&self.headers, SystemTime::now()))
    }

    fn is_empty(&self) -> bool {
        self.body.trim_ascii().is_empty()
    }
}
