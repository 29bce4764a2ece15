use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderName, Response, header};
use bytes::{Bytes, BytesMut};

use super::record::Forwarded;
use crate::exit::{Exit, Failure, chain};
use crate::headers::{HeaderList, is_of_connection, to_map};
use crate::loopback::Target;
use crate::text::shortened;

/// How long the service under development may take: longer than a breakpoint's
/// first look, shorter than a sender's patience for ever.
const TIMEOUT: Duration = Duration::from_secs(60);

/// So much of an answer is passed back.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// So much of it is shown, in characters.
const SHOWN: usize = 200;

/// Passes requests on to the service under development.
pub(super) struct Forwarder {
    http: reqwest::Client,
    target: Target,
}

/// What is shown, and what the sender gets.
pub(super) struct Passed {
    pub(super) forwarded: Forwarded,
    pub(super) response: Response<Body>,
}

impl Forwarder {
    pub(super) fn new(target: Target) -> Result<Self, Failure> {
        let http = target
            .client()
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| Failure::because(Exit::Usage, &error))?;
        Ok(Self { http, target })
    }

    /// The same headers and the same bytes, but for what belongs to the
    /// connection.
    pub(super) async fn pass(&self, headers: &HeaderList, body: Bytes) -> Passed {
        match self.send(headers, body).await {
            Ok(passed) => passed,
            Err(problem) => Passed {
                response: bad_gateway(&problem),
                forwarded: Forwarded::Failed { problem },
            },
        }
    }

    async fn send(&self, headers: &HeaderList, body: Bytes) -> Result<Passed, String> {
        let headers = to_map(headers).map_err(|failure| failure.message)?;
        let began = Instant::now();
        let describe = |error: reqwest::Error| match self.target.refusal(&error) {
            Some(refusal) => refusal.message,
            None => chain(&error.without_url()),
        };
        let mut answer = self
            .http
            .post(self.target.url.clone())
            .headers(headers)
            .body(body)
            .send()
            .await
            .map_err(describe)?;
        let mut bytes = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(describe)? {
            if bytes.len().saturating_add(chunk.len()) > LONGEST_ANSWER {
                return Err(format!(
                    "the service's answer is larger than {LONGEST_ANSWER} bytes"
                ));
            }
            bytes.extend_from_slice(&chunk);
        }
        let status = answer.status();
        let forwarded = Forwarded::Answered {
            status: status.as_u16(),
            body: shortened(&String::from_utf8_lossy(&bytes), SHOWN),
            elapsed: began.elapsed(),
        };
        let mut response = Response::new(Body::from(bytes.freeze()));
        *response.status_mut() = status;
        for (name, value) in answer.headers() {
            if is_passed_back(name) {
                response.headers_mut().append(name, value.clone());
            }
        }
        Ok(Passed {
            forwarded,
            response,
        })
    }
}

/// The server writes its own date.
fn is_passed_back(name: &HeaderName) -> bool {
    !is_of_connection(name.as_str()) && name != header::DATE
}

fn bad_gateway(problem: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!(
        "nano-webhook listen could not pass this on: {problem}\n"
    )));
    *response.status_mut() = axum::http::StatusCode::BAD_GATEWAY;
    response
}
