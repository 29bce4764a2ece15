use std::error::Error as StdError;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Body as _;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::client::legacy::{Client, Error as HttpError, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_service::Service;

use crate::error::Error;
use crate::kind::ErrorKind;
use crate::transport::{Answer, BoxFuture, Request, Transport};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("nano-webhook-client/", env!("CARGO_PKG_VERSION")));

/// Long enough for the calls of one `ensure`. The other side may close a connection
/// that has been idle for longer just as a `create` is sent, and then the client
/// cannot know whether it arrived.
const IDLE: Duration = Duration::from_secs(2);

type HttpRequest = http::Request<Full<Bytes>>;
type Sender = Box<dyn Fn(HttpRequest) -> ResponseFuture + Send + Sync>;

/// HTTP/1.1 by hyper, on tokio. Redirects are not followed.
pub(crate) struct HyperTransport {
    send: Sender,
    headers: HeaderMap,
    timeout: Duration,
    answer_limit: usize,
}

impl HyperTransport {
    pub(crate) fn new(
        webhooks: &Uri,
        auth: Option<(HeaderName, HeaderValue)>,
        connect_timeout: Duration,
        timeout: Duration,
        answer_limit: usize,
    ) -> Result<Self, Error> {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        let send = match webhooks.scheme_str() {
            Some("https") => tls(tcp, webhooks, connect_timeout)?,
            _ => sender(tcp, connect_timeout),
        };
        let mut headers = HeaderMap::from_iter(auth);
        headers.insert(ACCEPT, JSON);
        headers.insert(USER_AGENT, AGENT);
        Ok(Self {
            send,
            headers,
            timeout,
            answer_limit,
        })
    }

    async fn attempt(&self, request: Request) -> Result<Answer, Error> {
        let has_body = !request.body.is_empty();
        let mut message = HttpRequest::new(Full::new(request.body));
        *message.method_mut() = request.method;
        *message.uri_mut() = request.uri;
        *message.headers_mut() = self.headers.clone();
        if has_body {
            message.headers_mut().insert(CONTENT_TYPE, JSON);
        }
        let response = (self.send)(message).await.map_err(|error: HttpError| {
            // Whether anything was sent decides whether a `create` may be retried.
            let kind = match error.is_connect() {
                true => ErrorKind::Unreachable,
                false => ErrorKind::Interrupted,
            };
            Error::because(kind, error)
        })?;
        let (head, body) = response.into_parts();
        let status = head.status.as_u16();
        let limit = self.answer_limit;
        let too_large = || {
            let detail = format!("the limit is {limit} bytes");
            Error::new(ErrorKind::TooLarge, detail).with_status(status)
        };
        if usize::try_from(body.size_hint().lower()).map_or(true, |length| length > limit) {
            return Err(too_large());
        }
        match Limited::new(body, limit).collect().await {
            Ok(body) => Ok(Answer {
                status,
                headers: head.headers,
                body: body.to_bytes(),
            }),
            Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
            Err(error) => Err(Error::because(ErrorKind::Interrupted, error)),
        }
    }
}

impl Transport for HyperTransport {
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Error>> {
        Box::pin(async move {
            let late = |_| {
                Error::new(
                    ErrorKind::TimedOut,
                    format!("the timeout is {:?}", self.timeout),
                )
            };
            let attempt = tokio::time::timeout(self.timeout, self.attempt(request));
            attempt.await.map_err(late)?
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

fn sender<C>(connector: C, timeout: Duration) -> Sender
where
    Timed<C>: Connect + Clone + Send + Sync + 'static,
{
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(Timed { connector, timeout });
    Box::new(move |request| client.request(request))
}

#[cfg(not(feature = "tls"))]
fn tls(_: HttpConnector, _: &Uri, _: Duration) -> Result<Sender, Error> {
    Err(Error::invalid(
        "the base URL is https, but nano-webhook-client was compiled without TLS; \
         enable its feature `tls`",
    ))
}

/// rustls with the operating system's certificates, through the proxy that the
/// environment names for this URL (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).
#[cfg(feature = "tls")]
fn tls(mut tcp: HttpConnector, url: &Uri, timeout: Duration) -> Result<Sender, Error> {
    use hyper_rustls::HttpsConnectorBuilder;
    use hyper_util::client::legacy::connect::proxy::Tunnel;
    use hyper_util::client::proxy::matcher::Matcher;

    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let https = HttpsConnectorBuilder::new()
        .with_provider_and_platform_verifier(provider)
        .map_err(|error| Error::because(ErrorKind::Setup, error))?
        .https_only()
        .enable_http1();
    tcp.enforce_http(false);
    let Some(proxy) = Matcher::from_env().intercept(url) else {
        return Ok(sender(https.wrap_connector(tcp), timeout));
    };
    if proxy.uri().scheme_str() != Some("http") {
        let problem = "the proxy in the environment is not an http:// URL";
        return Err(Error::because(ErrorKind::Setup, problem));
    }
    let mut tunnel = Tunnel::new(proxy.uri().clone(), tcp);
    if let Some(auth) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(auth.clone());
    }
    Ok(sender(https.wrap_connector(tunnel), timeout))
}

/// A connector with one time limit for everything that it does.
#[derive(Clone)]
struct Timed<C> {
    connector: C,
    timeout: Duration,
}

impl<C> Service<Uri> for Timed<C>
where
    C: Service<Uri, Error: Into<Box<dyn StdError + Send + Sync>>, Future: Send + 'static>,
{
    type Response = C::Response;
    type Error = Box<dyn StdError + Send + Sync>;
    type Future = BoxFuture<'static, Result<C::Response, Self::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.timeout, self.connector.call(uri));
        Box::pin(async move {
            let late = |_| io::Error::from(io::ErrorKind::TimedOut);
            connecting.await.map_err(late)?.map_err(Into::into)
        })
    }
}
