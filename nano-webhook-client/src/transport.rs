use std::time::Duration;

use bytes::{Bytes, BytesMut};
use nano_webhook_core::{Secret, UnixTime};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Method, Response};

use crate::answer::Answer;
use crate::auth::Auth;
use crate::base_url::BaseUrl;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::redact::Redactor;
use crate::retry::RetryPolicy;
use crate::retry_after::retry_after;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Sends a call, as often as it takes and is safe.
pub(crate) struct Transport {
    /// Carries the authentication header in its defaults.
    pub(crate) http: reqwest::Client,
    pub(crate) base_url: BaseUrl,
    pub(crate) auth: Auth,
    pub(crate) timeout: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) answer_limit: usize,
}

/// The body of a `create`, and what in it must not be shown.
#[derive(Clone, Copy)]
pub(crate) struct Body<'a> {
    pub(crate) json: &'a Bytes,
    pub(crate) secret: Option<&'a Secret>,
}

impl Transport {
    /// Makes the call. `read` says what an answer means.
    pub(crate) async fn call<T>(
        &self,
        operation: Operation,
        body: Option<Body<'_>>,
        read: impl Fn(Answer, &Redactor) -> Result<T, ErrorKind>,
    ) -> Result<T, Error> {
        let secret = body.and_then(|body| body.secret);
        let redactor = Redactor::new(self.auth.key().into_iter().chain(secret));
        let mut uncertain = false;
        let mut attempt = 1;
        loop {
            let outcome = match self.attempt(&operation, body).await {
                Ok(answer) => read(answer, &redactor),
                Err(failure) => Err(failure),
            };
            let failure = match outcome {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let delay = (self.retry).delay(attempt, &operation, &failure, fastrand::f64());
            let Some(delay) = delay else {
                return Err(Error::new(operation, attempt, uncertain, failure));
            };
            tracing::debug!(%operation, attempt, ?delay, %failure, "the call will be repeated");
            uncertain |= failure.may_have_taken_effect();
            attempt = attempt.saturating_add(1);
            tokio::time::sleep(delay).await;
        }
    }

    async fn attempt(
        &self,
        operation: &Operation,
        body: Option<Body<'_>>,
    ) -> Result<Answer, ErrorKind> {
        let exchange = async {
            let response = self.send(operation, body).await.map_err(classify)?;
            self.read(response).await
        };
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(outcome) => outcome,
            Err(_) => Err(ErrorKind::TimedOut {
                limit: self.timeout,
            }),
        }
    }

    async fn send(
        &self,
        operation: &Operation,
        body: Option<Body<'_>>,
    ) -> Result<Response, reqwest::Error> {
        let method = match operation {
            Operation::List => Method::GET,
            Operation::Create => Method::POST,
            Operation::Delete(_) => Method::DELETE,
        };
        let mut request = (self.http)
            .request(method, self.base_url.of(operation))
            .header(ACCEPT, JSON);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, JSON).body(body.json.clone());
        }
        request.send().await
    }

    async fn read(&self, mut response: Response) -> Result<Answer, ErrorKind> {
        let status = response.status().as_u16();
        let limit = self.answer_limit;
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |announced| announced > limit) {
            return Err(ErrorKind::TooLarge { status, limit });
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(classify)? {
            if chunk.len() > limit.saturating_sub(body.len()) {
                return Err(ErrorKind::TooLarge { status, limit });
            }
            body.extend_from_slice(&chunk);
        }
        let headers = response.headers();
        let location = headers.get(LOCATION);
        Ok(Answer {
            status,
            location: location.map(|text| String::from_utf8_lossy(text.as_bytes()).into_owned()),
            retry_after: retry_after(headers, UnixTime::now),
            body: body.freeze(),
        })
    }
}

/// Whether anything was sent decides whether a `create` may be repeated.
fn classify(error: reqwest::Error) -> ErrorKind {
    // Which URL is known, and said elsewhere.
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        ErrorKind::Unreachable {
            source: Box::new(error),
        }
    } else {
        ErrorKind::Interrupted {
            source: Box::new(error),
        }
    }
}
