//! Requests go to this machine, unless the user says otherwise: they are signed with
//! a real secret, and may come in thousands.

mod url;

use std::convert::Infallible;
use std::error::Error as _;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::header::{HeaderMap, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use nano_webhook_fetch::{Connector, Reach, ReachError};

use crate::exit::{Exit, Failure, chain};

/// A connection that was idle for longer is not used again: many services end idle
/// ones after two to five seconds.
const IDLE: Duration = Duration::from_secs(1);

/// The body of a request: whole, or in parts.
pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Sends to one URL.
pub(crate) struct Target {
    url: Uri,
    /// Uses connections again.
    pooled: Client<Connector, Body>,
    /// Makes a connection for each request.
    fresh: Client<Connector, Body>,
    timeout: Duration,
    longest_answer: usize,
}

/// What a service answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// At most as much as was asked for.
    pub(crate) body: Bytes,
    /// Whether the body was longer.
    pub(crate) is_cut: bool,
    pub(crate) elapsed: Duration,
}

/// Whether connections are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reuse {
    Never,
    /// If one turns out to have ended, the request is sent again on a new one.
    Connections,
}

impl Target {
    pub(crate) fn new(
        text: &str,
        allow_remote: bool,
        timeout: Duration,
        longest_answer: usize,
    ) -> Result<Self, Failure> {
        let reach = if allow_remote {
            Reach::Anywhere
        } else {
            Reach::Loopback
        };
        let url = url::parse(text)?;
        let host = url.host().unwrap_or_default();
        reach.check(host).map_err(|error| not_allowed(&error))?;
        let connector =
            Connector::new(reach).map_err(|error| Failure::because(Exit::Usage, &error))?;
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new());
        Ok(Self {
            url,
            pooled: builder.pool_idle_timeout(IDLE).build(connector.clone()),
            fresh: builder.pool_max_idle_per_host(0).build(connector),
            timeout,
            longest_answer,
        })
    }

    pub(crate) async fn post(
        &self,
        headers: &HeaderMap,
        body: &Bytes,
        reuse: Reuse,
    ) -> Result<Answer, Failure> {
        let (method, body) = (Method::POST, || Full::new(body.clone()).boxed_unsync());
        let fresh = || self.fresh.request(self.request(&method, headers, body()));
        self.in_time(async {
            let began = Instant::now();
            let response = match reuse {
                Reuse::Never => fresh().await,
                Reuse::Connections => {
                    let request = self.request(&method, headers, body());
                    match self.pooled.request(request).await {
                        Err(error) if ended_before_answer(&error) => fresh().await,
                        other => other,
                    }
                }
            };
            self.read(response.map_err(|error| self.explain(&error))?, began)
                .await
        })
        .await
    }

    /// Sends any request, on a new connection.
    pub(crate) async fn send(
        &self,
        method: Method,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Answer, Failure> {
        self.in_time(async {
            let began = Instant::now();
            let request = self.request(&method, headers, body);
            let response = self.fresh.request(request).await;
            self.read(response.map_err(|error| self.explain(&error))?, began)
                .await
        })
        .await
    }

    async fn in_time(
        &self,
        answer: impl Future<Output = Result<Answer, Failure>>,
    ) -> Result<Answer, Failure> {
        tokio::time::timeout(self.timeout, answer)
            .await
            .unwrap_or_else(|_| {
                let (place, seconds) = (self.place(), self.timeout.as_secs());
                let message = format!("no answer from {place} within {seconds} s");
                Err(Failure::new(Exit::Network, message))
            })
    }

    fn request(&self, method: &Method, headers: &HeaderMap, body: Body) -> Request<Body> {
        let mut request = Request::new(body);
        *request.method_mut() = method.clone();
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = headers.clone();
        let agent =
            HeaderValue::from_static(concat!("nano-webhook-cli/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().entry(USER_AGENT).or_insert(agent);
        request
    }

    async fn read(
        &self,
        response: Response<hyper::body::Incoming>,
        began: Instant,
    ) -> Result<Answer, Failure> {
        let (head, mut incoming) = response.into_parts();
        let mut body = BytesMut::new();
        let mut is_cut = false;
        while let Some(frame) = incoming.frame().await {
            let frame = frame.map_err(|error| self.broken(&chain(&error)))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            let room = self.longest_answer.saturating_sub(body.len());
            body.extend_from_slice(data.get(..room).unwrap_or(&data));
            if data.len() > room {
                is_cut = true;
                break;
            }
        }
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: body.freeze(),
            is_cut,
            elapsed: began.elapsed(),
        })
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn url(&self) -> &Uri {
        &self.url
    }

    fn place(&self) -> String {
        let default = if self.url.scheme_str() == Some("https") {
            443
        } else {
            80
        };
        let port = self.url.port_u16().unwrap_or(default);
        format!("{}:{port}", self.url.host().unwrap_or_default())
    }

    fn explain(&self, error: &Error) -> Failure {
        match ReachError::find(error) {
            Some(error @ ReachError::NotAllowed { .. }) => not_allowed(error),
            _ if error.is_connect() => {
                let cause = error.source().map(chain).unwrap_or_default();
                Failure::new(
                    Exit::Network,
                    format!("{} cannot be reached: {cause}", self.place()),
                )
            }
            _ => self.broken(&chain(error)),
        }
    }

    fn broken(&self, cause: &str) -> Failure {
        let message = format!("the connection to {} broke off: {cause}", self.place());
        Failure::new(Exit::Network, message)
    }
}

/// The service ended the connection while the request was on its way.
fn ended_before_answer(error: &Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};

    let mut cause = error.source();
    while let Some(error) = cause {
        let hyper = error.downcast_ref::<hyper::Error>();
        let io = error
            .downcast_ref::<std::io::Error>()
            .map(std::io::Error::kind);
        if hyper.is_some_and(|error| error.is_incomplete_message() || error.is_canceled())
            || matches!(io, Some(BrokenPipe | ConnectionAborted | ConnectionReset))
        {
            return true;
        }
        cause = error.source();
    }
    false
}

fn not_allowed(error: &ReachError) -> Failure {
    Failure::usage(format!("{error}; give --allow-remote to send there"))
}

/// `401 Unauthorized`
pub(crate) fn status_text(status: u16) -> String {
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}
