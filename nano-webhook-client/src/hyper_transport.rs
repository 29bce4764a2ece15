use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Body as _;
use hyper_util::client::legacy::connect::{Connect, HttpConnector, capture_connection};
use hyper_util::client::legacy::{Client, Error as HttpError, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::builder::ClientBuilder;
use crate::error::{Error, ErrorKind};
use crate::transport::{Answer, BoxFuture, Request, Transport};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("nano-webhook-client/", env!("CARGO_PKG_VERSION")));

/// Long enough for the calls of one `ensure`. The other side may close a connection
/// that has been idle for longer just as a `create` is sent, and then the client
/// cannot know whether it arrived.
const IDLE: Duration = Duration::from_secs(2);

type Sender = Box<dyn Fn(http::Request<Full<Bytes>>) -> ResponseFuture + Send + Sync>;

/// HTTP/1.1 by hyper, on tokio. Redirects are not followed.
pub(crate) struct HyperTransport {
    send: Sender,
    headers: HeaderMap,
    connect_timeout: Duration,
    timeout: Duration,
    answer_limit: usize,
}

impl HyperTransport {
    pub(crate) fn new(webhooks: &Uri, settings: &ClientBuilder) -> Result<Self, Error> {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        let send = match webhooks.scheme_str() {
            Some("https") => tls(tcp, webhooks)?,
            _ => sender(tcp),
        };
        let mut headers = HeaderMap::from_iter(settings.auth.to_header()?);
        headers.insert(ACCEPT, JSON);
        headers.insert(USER_AGENT, AGENT);
        Ok(Self {
            send,
            headers,
            connect_timeout: settings.connect_timeout,
            timeout: settings.timeout,
            answer_limit: settings.answer_limit,
        })
    }

    async fn attempt(&self, request: Request) -> Result<Answer, Error> {
        let mut request = request.map(Full::new);
        request.headers_mut().clone_from(&self.headers);
        if request.method() == Method::POST {
            request.headers_mut().insert(CONTENT_TYPE, JSON);
        }
        // hyper-util reports the connection before it sends the request on it.
        let mut connection = capture_connection(&mut request);
        let connected = async { drop(connection.wait_for_connection_metadata().await) };
        let mut sending = pin!((self.send)(request));
        let response = tokio::select! {
            biased;
            response = &mut sending => response,
            connected = tokio::time::timeout(self.connect_timeout, connected) => match connected {
                Ok(()) => sending.await,
                Err(late) => return Err(Error::because(ErrorKind::Unreachable, late)),
            },
        };
        let response = response.map_err(|error: HttpError| {
            // Whether anything was sent decides whether a `create` may be retried.
            let kind = match error.is_connect() {
                true => ErrorKind::Unreachable,
                false => ErrorKind::Interrupted,
            };
            Error::because(kind, error)
        })?;
        let (head, body) = response.into_parts();
        let limit = self.answer_limit;
        let too_large = || {
            let detail = format!("the limit is {limit} bytes");
            Error::new(ErrorKind::TooLarge, detail).with_status(head.status)
        };
        if usize::try_from(body.size_hint().lower()).map_or(true, |length| length > limit) {
            return Err(too_large());
        }
        match Limited::new(body, limit).collect().await {
            Ok(body) => Ok(Answer::from_parts(head, body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
            Err(error) => Err(Error::because(ErrorKind::Interrupted, error)),
        }
    }
}

impl Transport for HyperTransport {
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Error>> {
        Box::pin(async move {
            let attempt = tokio::time::timeout(self.timeout, self.attempt(request)).await;
            attempt.unwrap_or_else(|_| {
                let detail = format!("the timeout is {:?}", self.timeout);
                Err(Error::new(ErrorKind::TimedOut, detail))
            })
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

fn sender(connector: impl Connect + Clone + Send + Sync + 'static) -> Sender {
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(connector);
    Box::new(move |request| client.request(request))
}

#[cfg(not(feature = "tls"))]
fn tls(_: HttpConnector, _: &Uri) -> Result<Sender, Error> {
    Err(Error::invalid(
        "the base URL is https, but nano-webhook-client was compiled without TLS; \
         enable its feature `tls`",
    ))
}

/// rustls with the operating system's certificates, through the proxy that the
/// environment names for this URL (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).
#[cfg(feature = "tls")]
fn tls(mut tcp: HttpConnector, url: &Uri) -> Result<Sender, Error> {
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
        return Ok(sender(https.wrap_connector(tcp)));
    };
    if proxy.uri().scheme_str() != Some("http") {
        let problem = "the proxy in the environment is not an http:// URL";
        return Err(Error::because(ErrorKind::Setup, problem));
    }
    let mut tunnel = Tunnel::new(proxy.uri().clone(), tcp);
    if let Some(auth) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(auth.clone());
    }
    Ok(sender(https.wrap_connector(tunnel)))
}
