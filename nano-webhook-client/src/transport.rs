use std::pin::Pin;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::kind::ErrorKind;
use crate::retry::retry_after;

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Everything that the client waits for. Nothing else in it depends on a network,
/// a runtime or a timer, so a test can decide the order of all its steps.
pub(crate) trait Transport: Send + Sync {
    /// Sends the request once.
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Error>>;

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// One request of the management API.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// Empty if there is none.
    pub(crate) body: Bytes,
}

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
            300..=399 => {
                return Err(Error::new(ErrorKind::Redirected, "").with_status(self.status));
            }
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

    pub(crate) fn is_empty(&self) -> bool {
        self.body.trim_ascii().is_empty()
    }

    pub(crate) fn unexpected(&self, problem: &'static str) -> Error {
        Error::new(ErrorKind::Unexpected, problem).with_status(self.status)
    }

    fn refused(&self) -> Error {
        let mut error = Error::new(ErrorKind::Refused, "").with_status(self.status);
        error.0.retry_after = retry_after(&self.headers, SystemTime::now());
        error
    }
}
