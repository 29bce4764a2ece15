//! A webhook receiver in AWS Lambda, behind API Gateway or a function URL.
//!
//! `on_event` is what you would replace.

use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_http::{Body, Error, Request, Response, run, service_fn};
use nano_webhook_core::adapter::{Answer, reject};
use nano_webhook_core::{Secret, Verifier, WebhookError, WebhookEvent};
use tracing_subscriber::EnvFilter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .with_ansi(false)
        .init();
    // Once for each instance: a missing secret fails the start, not each delivery.
    let verifier = Verifier::new(Secret::from_env("NANO_WEBHOOK_SECRET")?);
    run(service_fn(move |request| {
        receive(verifier.clone(), request)
    }))
    .await
}

/// `lambda_http` has decoded the body if the event said Base64, so its bytes are those
/// that were signed.
async fn receive(verifier: Verifier, request: Request) -> Result<Response<Body>, Error> {
    let (head, body) = request.into_parts();
    match verifier.verify(&head, body.to_vec(), verifier.now()) {
        Ok(delivery) => {
            let mut response = Response::new(Body::Empty);
            *response.status_mut() = on_event(delivery.event()).await;
            Ok(response)
        }
        Err(error) => problem(&error),
    }
}

/// Answer 200 only when the result is stored where it cannot be lost, because the
/// provider documents no retries. Lambda stops the process after the answer: nothing can
/// be finished later.
async fn on_event(event: &WebhookEvent) -> StatusCode {
    tracing::info!(event = event.name(), task_id = event.task_id(), "handled");
    StatusCode::OK
}

fn problem(error: &WebhookError) -> Result<Response<Body>, Error> {
    let answer = reject(error);
    let mut response = Response::builder()
        .status(answer.status())
        .header(header::CONTENT_TYPE, Answer::CONTENT_TYPE)
        .body(Body::from(answer.body()))?;
    for (name, value) in answer.headers() {
        let value = HeaderValue::try_from(&*value)?;
        (response.headers_mut()).insert(HeaderName::from_static(name), value);
    }
    Ok(response)
}
