//! One verification, several who wait for it.

use std::task::Poll;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::middleware::{Next, from_fn};
use actix_web::{
    App, FromRequest as _, HttpMessage as _, HttpRequest, HttpResponse, rt, test, web,
};
use bytes::Bytes;
use futures_util::{Stream, stream};
use nano_webhook_actix::{Delivery, Webhook, WebhookConfig, WebhookEvent, WebhookMiddleware};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::support::{PATIENCE, capture, completed, delivery, other_verifier, verifier};

fn payload(chunks: impl Stream<Item = Result<Bytes, PayloadError>> + 'static) -> Payload {
    Payload::Stream {
        payload: Box::pin(chunks),
    }
}

/// A request whose body the test sends piece by piece.
fn slow_request(task: &str) -> (HttpRequest, Payload, UnboundedSender<Bytes>) {
    let (request, _) = delivery(task)
        .app_data(WebhookConfig::new(verifier()))
        .to_http_parts();
    let (sender, mut receiver) = unbounded_channel();
    let chunks =
        stream::poll_fn(move |context| receiver.poll_recv(context).map(|chunk| chunk.map(Ok)));
    (request, payload(chunks), sender)
}

#[actix_web::test]
async fn they_may_wait_in_different_tasks() {
    let (request, mut payload, sender) = slow_request("task_1");
    let first = rt::spawn(Webhook::<Delivery>::from_request(&request, &mut payload));
    let second = rt::spawn(Webhook::<WebhookEvent>::from_request(
        &request,
        &mut payload,
    ));
    let body = rt::spawn(Bytes::from_request(&request, &mut payload));
    for byte in completed("task_1").into_bytes() {
        rt::task::yield_now().await;
        sender.send(Bytes::from(vec![byte])).unwrap();
    }
    drop(sender);
    let wait = async { (first.await, second.await, body.await) };
    let (first, second, body) = timeout(PATIENCE, wait).await.unwrap();
    assert_eq!(
        first.unwrap().unwrap().0.body(),
        completed("task_1").as_bytes()
    );
    assert_eq!(second.unwrap().unwrap().0.task_id(), Some("task_1"));
    assert_eq!(body.unwrap().unwrap(), completed("task_1"));
}

/// The payload wakes only the last one who polled.
#[actix_web::test]
async fn one_that_goes_away_leaves_the_others_waiting() {
    let (request, mut payload, sender) = slow_request("task_1");
    let first = rt::spawn(Webhook::<Delivery>::from_request(&request, &mut payload));
    rt::task::yield_now().await;
    let mut second = Box::pin(Webhook::<Delivery>::from_request(&request, &mut payload));
    assert!(futures_util::poll!(second.as_mut()).is_pending());
    drop(second);
    sender.send(Bytes::from(completed("task_1"))).unwrap();
    drop(sender);
    let delivery = timeout(PATIENCE, first).await.unwrap().unwrap().unwrap().0;
    assert_eq!(delivery.body(), completed("task_1").as_bytes());
}

#[actix_web::test]
async fn a_body_that_breaks_off_is_refused_for_all() {
    let (log, _guard) = capture();
    let (request, _) = delivery("task_1")
        .app_data(WebhookConfig::new(verifier()))
        .to_http_parts();
    let mut errors = vec![PayloadError::Incomplete(None)];
    let chunks = stream::poll_fn(move |_| Poll::Ready(errors.pop().map(Err)));
    let mut payload = payload(chunks);
    let extractors = (
        Webhook::<Delivery>::from_request(&request, &mut payload),
        Webhook::<Delivery>::from_request(&request, &mut payload),
    );
    assert_eq!(
        extractors.0.await.unwrap_err().error().code(),
        "body_incomplete"
    );
    assert_eq!(
        extractors.1.await.unwrap_err().error().code(),
        "body_incomplete"
    );
    assert_eq!(log.codes(), ["body_incomplete"]);
}

/// A limit of an outer layer answers like ours.
#[actix_web::test]
async fn a_payload_that_overflows_elsewhere_is_too_large() {
    let (request, _) = delivery("task_1")
        .app_data(WebhookConfig::new(verifier()))
        .to_http_parts();
    let mut payload = payload(stream::iter([Err(PayloadError::Overflow)]));
    let refused = Webhook::<Delivery>::from_request(&request, &mut payload).await;
    assert_eq!(refused.unwrap_err().error().code(), "body_too_large");
}

async fn extract_first(
    Webhook(event): Webhook,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    request.extensions_mut().insert(event);
    next.call(request).await
}

#[actix_web::test]
async fn a_middleware_may_extract_before_the_handler_does() {
    async fn handler(
        Webhook(delivery): Webhook<Delivery>,
        request: HttpRequest,
        body: web::Bytes,
    ) -> web::Bytes {
        let extensions = request.extensions();
        assert_eq!(extensions.get::<WebhookEvent>(), Some(delivery.event()));
        assert_eq!(delivery.body(), &body);
        body
    }
    let app = test::init_service(
        App::new()
            .app_data(WebhookConfig::new(verifier()))
            .wrap(from_fn(extract_first))
            .service(web::scope("").route("/webhook", web::post().to(handler))),
    )
    .await;
    let answer = test::call_and_read_body(&app, delivery("task_1").to_request()).await;
    assert_eq!(answer, completed("task_1"));
}

/// It leaves the signed body behind, and what is inside may verify it again.
#[actix_web::test]
async fn a_middleware_of_ours_may_stand_inside_of_that() {
    let webhooks = WebhookMiddleware::new(verifier());
    let app = test::init_service(
        App::new()
            .app_data(WebhookConfig::new(verifier()))
            .wrap(from_fn(extract_first))
            .route(
                "/webhook",
                web::post()
                    .to(async |_: Webhook, body: web::Bytes| body)
                    .wrap(webhooks),
            ),
    )
    .await;
    let answer = test::call_and_read_body(&app, delivery("task_1").to_request()).await;
    assert_eq!(answer, completed("task_1"));
}

/// The nearest configuration counts for the handler, whatever has passed before.
#[actix_web::test]
async fn a_nearer_configuration_judges_again() {
    let (log, _guard) = capture();
    for (nearer, expected) in [
        (verifier(), StatusCode::OK),
        (other_verifier(), StatusCode::UNAUTHORIZED),
    ] {
        let app = test::init_service(
            App::new()
                .app_data(WebhookConfig::new(verifier()))
                .wrap(from_fn(extract_first))
                .service(
                    web::resource("/webhook")
                        .app_data(WebhookConfig::new(nearer))
                        .route(web::post().to(async |_: Webhook| HttpResponse::Ok().finish())),
                ),
        )
        .await;
        let answer = test::call_service(&app, delivery("task_1").to_request()).await;
        assert_eq!(answer.status(), expected);
    }
    assert_eq!(log.codes(), ["signature_mismatch"]);
}
