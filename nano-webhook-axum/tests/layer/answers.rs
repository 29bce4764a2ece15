//! Rejections, as a hook, a handler and outer layers see them.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::post;
use http_body_util::Limited;
use nano_webhook_axum::{
    Dedupe, ErrorKind, Outcome, OutcomeKind, Webhook, WebhookError, WebhookRejection,
};
use tower::ServiceExt as _;

use crate::{BODY, forged, layer, on_event, request, text};

#[tokio::test]
async fn a_handler_without_a_layer_is_told_so() {
    let app: Router = Router::new().route("/webhook", post(on_event));
    let answer = app.oneshot(request(BODY)).await.unwrap();
    let error = answer.extensions().get::<WebhookError>().unwrap();
    let text = error.to_string();
    assert!(
        text.contains(".layer(WebhookLayer::new(verifier))"),
        "{text}"
    );
}

/// In its own format, with the error, the headers of the status, and the close.
#[tokio::test]
async fn a_hook_answers_in_its_own_format() {
    let unsigned = || Request::post("/webhook").body(Body::from(BODY)).unwrap();
    for (request, status, code, close, authenticate) in [
        (unsigned(), 418, "missing_header", Some("close"), None),
        (
            forged(),
            401,
            "signature_mismatch",
            None,
            Some("NanoSignature"),
        ),
    ] {
        let layer = layer().on_rejection(move |error, head| {
            let text = format!("no {}: {}", head.uri, error.code());
            (StatusCode::from_u16(status).unwrap(), text)
        });
        let app = Router::new().route("/webhook", post(on_event).layer(layer));
        let answer = app.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status);
        for (name, value) in [("connection", close), ("www-authenticate", authenticate)] {
            let found = answer.headers().get(name);
            assert_eq!(found.map(|found| found.to_str().unwrap()), value, "{code}");
        }
        let error = answer.extensions().get::<WebhookError>().unwrap();
        assert_eq!(error.code(), code);
        assert_eq!(text(answer).await, format!("no /webhook: {code}"));
    }
}

/// A limit around the layer is a 413 like the layer's own.
#[tokio::test]
async fn a_body_over_an_outer_limit() {
    let app = Router::new().route("/webhook", post(on_event).layer(layer()));
    let limited = request(BODY).map(|body| Body::new(Limited::new(body, 10)));
    let answer = app.oneshot(limited).await.unwrap();
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text(answer).await.contains("body_too_large"));
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
