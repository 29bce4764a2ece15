use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::ContentType;
use actix_web::test::TestRequest;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Responder};
use bytes::Bytes;
use futures_util::Stream;
use nano_webhook_actix::{Dedupe, Verifier, WebhookConfig, WebhookError, WebhookMiddleware};
use nano_webhook_conformance::Settings;
use nano_webhook_test_kit::{LogCapture, SignedRequest};

/// Accepts every [`delivery`].
pub(crate) fn verifier() -> Verifier {
    Settings::default().verifier()
}

/// Rejects every [`delivery`].
pub(crate) fn other_verifier() -> Verifier {
    let settings = Settings {
        secrets: vec![String::from("another secret for these tests")],
        ..Settings::default()
    };
    settings.verifier()
}

/// The codes in the log since the last call.
pub(crate) fn codes(log: &LogCapture) -> Vec<String> {
    let text = log.take();
    let codes = text.split("code=\"").skip(1);
    codes
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

pub(crate) fn body(task: &str) -> String {
    String::from_utf8(SignedRequest::for_task(task).body).unwrap()
}

pub(crate) fn delivery(task: &str) -> TestRequest {
    let signed = SignedRequest::for_task(task);
    let request = TestRequest::post()
        .uri("/webhook")
        .insert_header(ContentType::json())
        .set_payload(signed.body);
    (signed.headers.into_iter()).fold(request, |request, (name, value)| {
        request.insert_header((name, value))
    })
}

pub(crate) fn forged() -> TestRequest {
    delivery("one").set_payload(body("another"))
}

pub(crate) fn payload(
    chunks: impl Stream<Item = Result<Bytes, PayloadError>> + 'static,
) -> Payload {
    Payload::Stream {
        payload: Box::pin(chunks),
    }
}

/// The paths of [`every_way`].
pub(crate) const WAYS: [&str; 3] = ["/extractor", "/middleware", "/dedupe"];

type Hook = fn(&WebhookError, &HttpRequest) -> HttpResponse;

/// An application that verifies in every way, for this handler.
pub(crate) fn every_way<F, Args>(
    handler: F,
    hook: Option<Hook>,
) -> impl Fn(&mut ServiceConfig) + Clone
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let mut config = WebhookConfig::new(verifier());
    let mut middleware = WebhookMiddleware::new(verifier());
    if let Some(hook) = hook {
        config = config.on_rejection(hook);
        middleware = middleware.on_rejection(hook);
    }
    let dedupe = middleware.clone().dedupe(Dedupe::in_memory());
    move |app| {
        let resource = |path: &str| web::resource(path).to(handler.clone());
        app.app_data(config.clone())
            .service(resource(WAYS[0]))
            .service(resource(WAYS[1]).wrap(middleware.clone()))
            .service(resource(WAYS[2]).wrap(dedupe.clone()));
    }
}
