//! Requests go to this machine, unless the user says otherwise: they are signed with
//! a real secret, and may come in thousands.

mod url;

pub(crate) use self::url::{leads_to, port};

use std::convert::Infallible;
use std::error::Error as _;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::header::{HeaderMap, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
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
    pub(crate) url: Uri,
    /// Uses connections again.
    pooled: Client<Connector, Body>,
    /// Makes a connection for each request.
    fresh: Client<Connector, Body>,
    pub(crate) timeout: Duration,
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
        let connector = Connector::new(reach)?;
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

    pub(crate) async fn post(&self, headers: &HeaderMap, body: &Bytes) -> Result<Answer, Failure> {
        self.send(Method::POST, headers, whole(body)).await
    }

    /// Uses connections again. If one turns out to have ended, the request is sent again
    /// on a new one.
    pub(crate) async fn post_pooled(
        &self,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Answer, Failure> {
        let request = || self.request(Method::POST, headers, whole(body));
        let response = async {
            match self.pooled.request(request()).await {
                Err(error) if ended_before_answer(&error) => self.fresh.request(request()).await,
                other => other,
            }
        };
        self.answer(response).await
    }

    /// Sends any request, on a new connection.
    pub(crate) async fn send(
        &self,
        method: Method,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Answer, Failure> {
        let request = self.request(method, headers, body);
        self.answer(self.fresh.request(request)).await
    }

    fn request(&self, method: Method, headers: &HeaderMap, body: Body) -> Request<Body> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = headers.clone();
        let agent =
            HeaderValue::from_static(concat!("nano-webhook-cli/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().entry(USER_AGENT).or_insert(agent);
        request
    }

    async fn answer(
        &self,
        response: impl Future<Output = Result<Response<Incoming>, Error>>,
    ) -> Result<Answer, Failure> {
        let answer = async {
            let began = Instant::now();
            let response = response.await.map_err(|error| self.explain(&error))?;
            self.read(response, began).await
        };
        let answer = tokio::time::timeout(self.timeout, answer).await;
        answer.unwrap_or_else(|_| {
            let (place, seconds) = (self.place(), self.timeout.as_secs());
            let message = format!("no answer from {place} within {seconds} s");
            Err(Failure::new(Exit::Network, message))
        })
    }

    async fn read(&self, response: Response<Incoming>, began: Instant) -> Result<Answer, Failure> {
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

    fn place(&self) -> String {
        format!(
            "{}:{}",
            self.url.host().unwrap_or_default(),
            port(&self.url)
        )
    }

    fn explain(&self, error: &Error) -> Failure {
        match ReachError::find(error) {
            Some(error @ ReachError::NotAllowed { .. }) => not_allowed(error),
            _ if error.is_connect() => {
                let cause = error.source().map(chain).unwrap_or_default();
                let message = format!("{} cannot be reached: {cause}", self.place());
                Failure::new(Exit::Network, message)
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

    let mut causes = std::iter::successors(error.source(), |&error| error.source());
    causes.any(|cause| {
        let hyper = cause.downcast_ref::<hyper::Error>();
        let io = cause.downcast_ref().map(std::io::Error::kind);
        hyper.is_some_and(|error| error.is_incomplete_message() || error.is_canceled())
            || matches!(io, Some(BrokenPipe | ConnectionAborted | ConnectionReset))
    })
}

fn not_allowed(error: &ReachError) -> Failure {
    Failure::usage(format!("{error}; give --allow-remote to send there"))
}

fn whole(body: &Bytes) -> Body {
    Full::new(body.clone()).boxed_unsync()
}

/// `401 Unauthorized`
pub(crate) fn status_text(status: u16) -> String {
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}
