//! What the layer promises to tower, to axum and to the services around it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::{Request, Response, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::post;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use nano_webhook_axum::{
    Dedupe, Delivery, ErrorKind, Outcome, OutcomeKind, Secret, Signer, UnixTime, Verifier, Webhook,
    WebhookError, WebhookEvent, WebhookLayer, WebhookRejection, signed_request,
};
use nano_webhook_test_kit::LogCapture;
use tokio::sync::mpsc;
use tower::{Layer as _, Service, ServiceBuilder, ServiceExt as _};
use tracing::Instrument as _;
use tracing_subscriber::util::SubscriberInitExt as _;

const SECRET: &str = "a secret for tests only";
const BODY: &str = r#"{"event":"job.failed","task_id":"task_1","error":"no luck"}"#;

fn layer() -> WebhookLayer {
    WebhookLayer::new(Verifier::new(Secret::new(SECRET).unwrap()))
}

fn request(body: &'static str) -> Request<Body> {
    let signer = Signer::new(Secret::new(SECRET).unwrap());
    signed_request(&signer, UnixTime::now(), "/webhook", body).unwrap()
}

fn forged() -> Request<Body> {
    request(BODY).map(|_| Body::from("{}"))
}

async fn on_event(Webhook(event): Webhook) -> String {
    event.task_id().unwrap_or_default().to_owned()
}

/// The same answers, however the layer gets around the handler.
#[tokio::test]
async fn every_way_to_add_it() {
    let ways: [(&str, Router); 5] = [
        (
            "MethodRouter::layer",
            Router::new().route("/webhook", post(on_event).layer(layer())),
        ),
        (
            "MethodRouter::route_layer",
            Router::new().route("/webhook", post(on_event).route_layer(layer())),
        ),
        (
            "Router::layer",
            Router::new()
                .route("/webhook", post(on_event))
                .layer(layer()),
        ),
        (
            "Router::route_layer",
            Router::new()
                .route("/webhook", post(on_event))
                .route_layer(layer()),
        ),
        (
            "ServiceBuilder",
            Router::new().route(
                "/webhook",
                post(on_event).layer(ServiceBuilder::new().layer(layer())),
            ),
        ),
    ];
    for (way, app) in ways {
        let accepted = app.clone().oneshot(request(BODY)).await.unwrap();
        assert_eq!(accepted.status(), StatusCode::OK, "{way}");
        assert_eq!(text(accepted.into_body()).await, "task_1", "{way}");
        let refused = app.oneshot(forged()).await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{way}");
    }
}

/// No axum in sight: hyper's body in, a plain tower service inside.
#[tokio::test]
async fn plain_tower() {
    let mut service = layer().layer(tower::service_fn(async |request: Request<Body>| {
        let delivery = request.extensions().get::<Delivery>().unwrap().clone();
        let read = request.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(&read, delivery.body());
        Ok::<_, Infallible>(Response::new(Full::new(read)))
    }));
    let answer = service.call(request(BODY)).await.unwrap();
    assert_eq!(text(answer.into_body()).await, BODY);
}

#[tokio::test]
async fn the_signed_body_stays_readable() {
    async fn handler(
        Webhook(event): Webhook,
        Webhook(delivery): Webhook<Delivery>,
        body: Bytes,
    ) -> String {
        assert!(matches!(event, WebhookEvent::Failed(_)));
        assert_eq!(delivery.event(), &event);
        String::from_utf8(body.to_vec()).unwrap()
    }
    let app = Router::new().route("/webhook", post(handler).layer(layer()));
    let answer = app.oneshot(request(BODY)).await.unwrap();
    assert_eq!(text(answer.into_body()).await, BODY);
}

/// With re-serialised bodies, what was signed is not what was sent.
#[cfg(feature = "reserialized")]
#[tokio::test]
async fn the_length_is_that_of_the_signed_body() {
    let verifier = Verifier::builder(Secret::new(SECRET).unwrap()).accept_reserialized();
    let layer = WebhookLayer::new(verifier.build().unwrap());
    let mut service = layer.layer(tower::service_fn(async |request: Request<Body>| {
        assert_eq!(
            request.headers()["content-length"],
            BODY.len().to_string().as_str()
        );
        let read = request.into_body().collect().await.unwrap().to_bytes();
        Ok::<_, Infallible>(Response::new(Full::new(read)))
    }));
    let sent = BODY.replace(',', ", ");
    let mut request = request(BODY).map(|_| Full::<Bytes>::from(sent.clone()));
    let length = sent.len().to_string().parse().unwrap();
    request.headers_mut().insert("content-length", length);
    let answer = service.call(request).await.unwrap();
    assert_eq!(text(answer.into_body()).await, BODY);
}

#[tokio::test]
async fn a_body_in_one_chunk_is_not_copied() {
    let sent = Bytes::from(BODY.as_bytes().to_vec());
    let address = sent.as_ptr();
    let mut service = layer().layer(tower::service_fn(async |request: Request<Body>| {
        let delivery = request.extensions().get::<Delivery>().unwrap().clone();
        Ok::<_, Infallible>(Response::new(Full::new(delivery.body().clone())))
    }));
    let request = request(BODY).map(|_| Full::new(sent));
    let answer = service.call(request).await.unwrap();
    let read = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(read.as_ptr(), address);
}

#[tokio::test]
async fn a_handler_without_a_layer_is_told_so() {
    let app: Router = Router::new().route("/webhook", post(on_event));
    let answer = app.oneshot(request(BODY)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let error = answer.extensions().get::<WebhookError>().unwrap();
    assert_eq!(error.code(), "not_configured");
    assert!(
        error
            .to_string()
            .contains(".layer(WebhookLayer::new(verifier))")
    );
    assert!(
        text(answer.into_body())
            .await
            .contains(r#""code":"not_configured""#)
    );
}

#[tokio::test]
async fn outer_layers_find_the_error() {
    let app = Router::new()
        .route("/webhook", post(on_event).layer(layer()))
        .layer(axum::middleware::map_response(
            async |response: axum::response::Response| {
                let code = response
                    .extensions()
                    .get::<WebhookError>()
                    .map(WebhookError::code);
                ([("x-code", code.unwrap_or("none"))], response).into_response()
            },
        ));
    let answer = app.clone().oneshot(forged()).await.unwrap();
    assert_eq!(answer.headers()["x-code"], "signature_mismatch");
    let answer = app.oneshot(request(BODY)).await.unwrap();
    assert_eq!(answer.headers()["x-code"], "none");
}

#[tokio::test]
async fn a_custom_answer_keeps_the_error_and_the_close() {
    let layer = layer().on_rejection(|error, head| {
        let text = format!("no {}: {}", head.uri, error.code());
        (StatusCode::IM_A_TEAPOT, text)
    });
    let app = Router::new().route("/webhook", post(on_event).layer(layer));
    let unsigned = Request::post("/webhook").body(Body::from(BODY)).unwrap();
    let answer = app.oneshot(unsigned).await.unwrap();
    assert_eq!(answer.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(answer.headers()["connection"], "close");
    assert!(answer.extensions().get::<WebhookError>().is_some());
    assert_eq!(
        text(answer.into_body()).await,
        "no /webhook: missing_header"
    );
}

/// What goes with a status goes with it in another format, too.
#[tokio::test]
async fn a_custom_answer_keeps_the_headers_of_its_status() {
    let layer = layer().on_rejection(|error, _| StatusCode::from_u16(error.status()).unwrap());
    let app = Router::new().route("/webhook", post(on_event).layer(layer));
    let answer = app.oneshot(forged()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers()["www-authenticate"], "NanoSignature");
}

/// Every line about a delivery carries its fields, and so does the span in which its
/// handler logs, below the span of the request.
#[tokio::test]
async fn the_log_lines_of_a_delivery_can_be_joined() {
    let log = LogCapture::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(log.clone());
    // A call site that is first reached on a thread without any subscriber would be off.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    let _guard = subscriber.set_default();
    let handler = async |Webhook(event): Webhook| {
        tracing::info!("in the handler");
        match event.name() {
            "job.failed" => StatusCode::OK,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    };
    let unknown = r#"{"event":"job.paused","task_id":"task_1"}"#;
    let app = |layer| Router::new().route("/webhook", post(handler).layer(layer));
    let deduped = app(layer().dedupe(Dedupe::in_memory()));
    let mut seen = log.text().len();

    for (app, body, span, outcome) in [
        (
            &deduped,
            BODY,
            &["delivery_id=", "attempt=1"] as &[_],
            "attempt=1 outcome=\"completed\"",
        ),
        (&deduped, BODY, &[], "outcome=\"duplicate\""),
        (
            &deduped,
            unknown,
            &["attempt=1"],
            "attempt=1 outcome=\"released\"",
        ),
        (
            &deduped,
            unknown,
            &["attempt=2"],
            "attempt=2 outcome=\"released\"",
        ),
        (&app(layer()), BODY, &["messaging.message.body.size=59"], ""),
    ] {
        let answer = app.clone().oneshot(request(body));
        answer
            .instrument(tracing::info_span!("http"))
            .await
            .unwrap();
        let text = log.text().split_off(seen);
        seen += text.len();
        let (in_handler, about): (Vec<_>, Vec<_>) =
            (text.lines()).partition(|line| line.ends_with("in the handler"));
        let task = r#"task_id="task_1""#;
        assert_eq!(in_handler.len(), usize::from(!span.is_empty()));
        for line in in_handler {
            let fields = ["http:delivery{event=", task];
            for field in fields.iter().chain(span) {
                assert!(line.contains(field), "{field} in {line}");
            }
        }
        assert_eq!(about.len(), usize::from(!outcome.is_empty()));
        for line in about {
            let (_, own) = line.rsplit_once("}: ").unwrap();
            for field in ["event=\"job.", task, "delivery_id=", outcome] {
                assert!(own.contains(field), "{field} in {own}");
            }
        }
    }
}

#[tokio::test]
async fn the_signature_is_not_for_logs() {
    let mut service = layer().layer(tower::service_fn(async |request: Request<Body>| {
        let headers = format!("{:?}", request.headers());
        assert!(!headers.contains("v1="), "{headers}");
        Ok::<_, Infallible>(Response::new(Full::from("")))
    }));
    let answer = service.call(request(BODY)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

/// A limit around the layer is a 413 like the layer's own; any other error of a
/// body is a body that broke off.
#[tokio::test]
async fn errors_of_the_body() {
    let app = Router::new().route("/webhook", post(on_event).layer(layer()));
    let limited = request(BODY).map(|body| Body::new(Limited::new(body, 10)));
    let broken = request(BODY).map(|_| {
        let frames: [Result<Frame<Bytes>, std::io::Error>; 2] = [
            Ok(Frame::data(Bytes::from_static(b"{"))),
            Err(std::io::ErrorKind::ConnectionReset.into()),
        ];
        Body::new(StreamBody::new(tokio_stream(frames)))
    });
    for (request, status, code) in [
        (limited, StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
        (broken, StatusCode::BAD_REQUEST, "body_incomplete"),
    ] {
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status);
        assert!(text(answer.into_body()).await.contains(code));
    }
}

/// The inner service is asked whether it is ready only after the verdict, and
/// the very instance that said yes is called.
#[tokio::test]
async fn readiness_comes_after_the_verdict() {
    let asked = Arc::new(AtomicUsize::new(0));
    let mut service = layer().layer(Picky {
        asked: Arc::clone(&asked),
        ready: false,
    });
    let (chunks, body) = mpsc::channel(1);
    let body = ChannelBody(body);
    let request = request(BODY).map(|_| body);

    let mut answer = tokio_test(service.call(request));
    assert!(answer.poll().is_pending());
    assert_eq!(
        asked.load(Ordering::SeqCst),
        0,
        "asked while the body is on its way"
    );

    chunks
        .send(Bytes::from_static(BODY.as_bytes()))
        .await
        .unwrap();
    drop(chunks);
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    let mut refused = tokio_test(service.call(forged().map(|_| ChannelBody(mpsc::channel(1).1))));
    assert!(refused.poll().is_ready(), "an empty body is judged at once");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "asked for a forgery");
}

/// A client that sends a body slowly does not occupy the only place behind the
/// layer.
#[tokio::test]
async fn a_trickler_holds_no_permit() {
    let mut service = layer().layer(ServiceBuilder::new().concurrency_limit(1).service_fn(
        async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())),
    ));
    let (_chunks, body) = mpsc::channel::<Bytes>(1);
    let mut trickler = tokio_test(service.call(request(BODY).map(|_| ChannelBody(body))));
    assert!(trickler.poll().is_pending());

    let whole = request(BODY).map(|_| {
        let (chunks, body) = mpsc::channel(1);
        chunks
            .try_send(Bytes::from_static(BODY.as_bytes()))
            .unwrap();
        ChannelBody(body)
    });
    assert_eq!(service.call(whole).await.unwrap().status(), StatusCode::OK);
    assert!(trickler.poll().is_pending());
}

#[tokio::test]
async fn every_extractor_gets_the_event() {
    async fn handler(
        Webhook(event): Webhook,
        Webhook(again): Webhook,
        Webhook(delivery): Webhook<Delivery>,
        Extension(extension): Extension<Delivery>,
    ) -> String {
        for other in [&again, delivery.event(), extension.event()] {
            assert_eq!(other, &event);
        }
        event.name().to_owned()
    }
    let app = Router::new().route("/webhook", post(handler).layer(layer()));
    let answer = app.oneshot(request(BODY)).await.unwrap();
    assert_eq!(text(answer.into_body()).await, "job.failed");
}

/// A handler that is not ready yet, and errors that `?` turns into answers.
#[tokio::test]
async fn a_handler_asks_to_be_called_later() {
    async fn handler(_: Webhook) -> Result<(), WebhookRejection> {
        Err(WebhookError::retry_later(Duration::from_millis(29_500)))?
    }
    let layer = layer().dedupe(Dedupe::in_memory());
    let app = Router::new().route("/webhook", post(handler).layer(layer));
    let answer = app.oneshot(request(BODY)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["retry-after"], "30");
    assert!(!answer.headers().contains_key("connection"));
    let error = answer.extensions().get::<WebhookError>().unwrap();
    assert_eq!(error.kind(), ErrorKind::RetryLater);
    let outcome = answer.extensions().get::<Outcome>().unwrap();
    assert_eq!(outcome.kind(), OutcomeKind::Released);
    assert_eq!(outcome.attempt(), Some(1));
}

/// Each layer of tower-http that is put around a webhook, or inside it.
#[tokio::test]
async fn it_composes_with_the_layers_of_tower_http() {
    let around = ServiceBuilder::new()
        .layer(tower_http::catch_panic::CatchPanicLayer::new())
        .layer(tower_http::trace::TraceLayer::new_for_http())
        .layer(
            tower_http::sensitive_headers::SetSensitiveHeadersLayer::new([
                axum::http::header::AUTHORIZATION,
            ]),
        )
        .layer(tower_http::request_id::SetRequestIdLayer::x_request_id(
            tower_http::request_id::MakeRequestUuid,
        ))
        .layer(tower_http::request_id::PropagateRequestIdLayer::x_request_id())
        .layer(tower_http::limit::RequestBodyLimitLayer::new(1 << 20))
        .layer(tower_http::compression::CompressionLayer::new())
        .layer(tower_http::cors::CorsLayer::permissive())
        .layer(tower_http::timeout::TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            Duration::from_secs(60),
        ))
        .layer(tower_http::validate_request::ValidateRequestHeaderLayer::accept("*/*"))
        .layer(tower_http::normalize_path::NormalizePathLayer::trim_trailing_slash())
        .layer(tower_http::set_header::SetResponseHeaderLayer::overriding(
            axum::http::header::SERVER,
            axum::http::HeaderValue::from_static("test"),
        ))
        .layer(layer().dedupe(Dedupe::in_memory()))
        .layer(tower_http::timeout::TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            Duration::from_secs(60),
        ))
        .layer(tower_http::timeout::RequestBodyTimeoutLayer::new(
            Duration::from_secs(60),
        ))
        .layer(tower_http::add_extension::AddExtensionLayer::new(7_u8))
        .layer(tower::util::MapRequestLayer::new(|request: Request<_>| {
            request.map(Body::new)
        }));
    let app = Router::new().route("/webhook", post(on_event).layer(around));
    for (request, status) in [
        (request(BODY), StatusCode::OK),
        (request(BODY), StatusCode::OK),
        (forged(), StatusCode::UNAUTHORIZED),
    ] {
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["server"], "test");
    }
}

/// Refuses to be called unless this instance said that it is ready.
struct Picky {
    asked: Arc<AtomicUsize>,
    ready: bool,
}

impl Clone for Picky {
    fn clone(&self) -> Self {
        Self {
            asked: Arc::clone(&self.asked),
            ready: false,
        }
    }
}

impl Service<Request<Body>> for Picky {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        assert!(
            std::mem::take(&mut self.ready),
            "called without being ready"
        );
        ready(Ok(Response::default()))
    }
}

/// A body whose chunks the test sends when it likes.
struct ChannelBody(mpsc::Receiver<Bytes>);

impl http_body::Body for ChannelBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(context)
            .map(|chunk| chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}

fn tokio_test<F: Future>(future: F) -> Polled<F> {
    Polled(Box::pin(future))
}

/// A future that can be polled once from outside.
struct Polled<F>(Pin<Box<F>>);

impl<F: Future> Polled<F> {
    fn poll(&mut self) -> Poll<F::Output> {
        self.0
            .as_mut()
            .poll(&mut Context::from_waker(std::task::Waker::noop()))
    }
}

impl<F: Future> Future for Polled<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.0.as_mut().poll(context)
    }
}

fn tokio_stream<T>(items: impl IntoIterator<Item = T>) -> impl futures_util::Stream<Item = T> {
    futures_util::stream::iter(items)
}

async fn text<B>(body: B) -> String
where
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let bytes = body.collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}
