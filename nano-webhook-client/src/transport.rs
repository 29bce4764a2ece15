use std::pin::Pin;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind};
use crate::retry::retry_after;

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
pub(crate) type Request = http::Request<Bytes>;
pub(crate) type Answer = http::Response<Bytes>;

/// Everything that the client waits for. Nothing else in it depends on a network,
/// a runtime or a timer, so a test can decide the order of all its steps.
pub(crate) trait Transport: Send + Sync {
    /// Sends the request once.
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Error>>;

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// The envelope of a success: `{"success":true,…}`.
pub(crate) fn envelope(answer: &Answer) -> Result<Map<String, Value>, Error> {
    let unexpected = |problem| Err(unexpected(answer, problem));
    let refused = || {
        let mut error = Error::new(ErrorKind::Refused, "").with_status(answer.status());
        error.facts.retry_after = retry_after(answer.headers(), SystemTime::now());
        Err(error)
    };
    if answer.status().is_redirection() {
        return Err(Error::new(ErrorKind::Redirected, "").with_status(answer.status()));
    }
    if !answer.status().is_success() {
        return refused();
    }
    match serde_json::from_slice(answer.body()) {
        Ok(Value::Object(envelope)) => match envelope.get("success") {
            Some(Value::Bool(true)) => Ok(envelope),
            Some(Value::Bool(false)) => refused(),
            _ => unexpected("`success` is neither true nor false"),
        },
        Ok(_) => unexpected("it is not a JSON object"),
        Err(_) if is_empty(answer) => unexpected("it is empty"),
        Err(_) => unexpected("it is not JSON"),
    }
}

pub(crate) fn is_empty(answer: &Answer) -> bool {
    answer.body().trim_ascii().is_empty()
}

pub(crate) fn unexpected(answer: &Answer, problem: &'static str) -> Error {
    Error::new(ErrorKind::Unexpected, problem).with_status(answer.status())
}
