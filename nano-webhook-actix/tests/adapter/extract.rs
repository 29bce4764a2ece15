//! Extractors that share one verification, and others next to them.

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::{StatusCode, header};
use actix_web::middleware::from_fn;
use actix_web::{App, FromRequest as _, HttpRequest, HttpResponse, rt, test, web};
use bytes::Bytes;
use futures_util::stream;
use nano_webhook_actix::{
    Delivery, ErrorKind, Webhook, WebhookConfig, WebhookMiddleware, WebhookRejection,
};
use nano_webhook_conformance::Settings;
use nano_webhook_test_kit::{LogCapture, PATIENCE};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::compose::pass_with;
use crate::support::{WAYS, body, codes, delivery, every_way, forged, payload, verifier};

#[actix_web::test]
async fn several_share_one_verification() {
    let (log, _guard) = LogCapture::of_this_thread();
    let handler = async |Webhook(event): Webhook,
                         Webhook(delivery): Webhook<Delivery>,
                         json: web::Json<serde_json::Value>,
                         Webhook(again): Webhook| {
        assert_eq!(delivery.event(), &event);
        assert_eq!(again, event);
        assert_eq!(json["task_id"], event.task_id().unwrap());
        delivery.body().clone()
    };
    let app = test::init_service(App::new().configure(every_way(handler, None))).await;
    for way in WAYS {
        let request = delivery("task_1").uri(way).to_request();
        let answer = test::call_and_read_body(&app, request).await;
        assert_eq!(answer, body("task_1"), "{way}");

        test::call_service(&app, forged().uri(way).to_request()).await;
        assert_eq!(codes(&log), ["signature_mismatch"], "{way}");
    }
}

#[actix_web::test]
async fn others_get_nothing_unverified() {
    let handler = async |event: Result<Webhook, WebhookRejection>,
                         delivery: Option<Webhook<Delivery>>,
                         body: Result<Bytes, actix_web::Error>| {
        let kind = event.unwrap_err().error().kind();
        assert_eq!(kind, ErrorKind::SignatureMismatch);
        assert!(delivery.is_none());
        body.unwrap_err().to_string()
    };
    let app = App::new().app_data(WebhookConfig::new(verifier()));
    let app = test::init_service(app.route("/webhook", web::to(handler))).await;
    let answer = test::call_and_read_body(&app, forged().to_request()).await;
    assert_eq!(answer, "the delivery was rejected");
}

#[actix_web::test]
async fn a_body_that_was_read_before_is_a_mistake_in_the_setup() {
    let (log, _guard) = LogCapture::of_this_thread();
    let app = test::init_service(
        App::new()
            .app_data(WebhookConfig::new(verifier()))
            .route(
                "/extractor",
                web::to(async |_: Bytes, _: Webhook| HttpResponse::Ok().finish()),
            )
            .service(
                web::resource("/middleware")
                    .wrap(WebhookMiddleware::new(verifier()))
                    .wrap(from_fn(pass_with::<Bytes, _>))
                    .to(async |_: Webhook| HttpResponse::Ok().finish()),
            ),
    )
    .await;
    for way in ["/extractor", "/middleware"] {
        // A test request announces no body, unlike one over a socket.
        let request = delivery("task_1").insert_header((header::CONTENT_LENGTH, "100"));
        let answer = test::call_service(&app, request.uri(way).to_request()).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{way}");
        let message = log.take();
        assert!(message.contains("put Webhook before Bytes"), "{message}");
    }
}

/// With re-serialised bodies, the signed text is not what was sent.
#[actix_web::test]
async fn others_read_the_signed_text() {
    let mut settings = Settings::default();
    settings.options.accept_reserialized = Some(true);
    let handler = async |Webhook(delivery): Webhook<Delivery>, body: Bytes| {
        assert_eq!(delivery.body(), &body);
        body
    };
    let middleware = WebhookMiddleware::new(settings.verifier());
    let app = test::init_service(
        App::new()
            .app_data(WebhookConfig::new(settings.verifier()))
            .route("/extractor", web::to(handler))
            .service(web::resource("/middleware").wrap(middleware).to(handler))
            .service(
                web::resource("/extracting")
                    .wrap(from_fn(pass_with::<Webhook, _>))
                    .to(handler),
            ),
    )
    .await;
    for way in ["/extractor", "/middleware", "/extracting"] {
        let sent = body("task_1").replace(':', ": ");
        let request = delivery("task_1").uri(way).set_payload(sent);
        let answer = test::call_and_read_body(&app, request.to_request()).await;
        assert_eq!(answer, body("task_1"), "{way}");
    }
}

fn configured() -> HttpRequest {
    delivery("task_1")
        .app_data(WebhookConfig::new(verifier()))
        .to_http_request()
}

/// A body that the test sends piece by piece.
fn slow_body() -> (Payload, UnboundedSender<Bytes>) {
    let (sender, mut receiver) = unbounded_channel();
    let chunks =
        stream::poll_fn(move |context| receiver.poll_recv(context).map(|chunk| chunk.map(Ok)));
    (payload(chunks), sender)
}

/// A payload wakes only the task that polled it last.
#[actix_web::test]
async fn one_that_is_dropped_leaves_the_others_waiting() {
    let (request, (mut payload, sender)) = (configured(), slow_body());
    let first = rt::spawn(Webhook::<Delivery>::from_request(&request, &mut payload));
    rt::task::yield_now().await;
    let mut second = Webhook::<Delivery>::from_request(&request, &mut payload);
    assert!(futures_util::poll!(&mut second).is_pending());
    drop(second);
    sender.send(Bytes::from(body("task_1"))).unwrap();
    drop(sender);
    let first = timeout(PATIENCE, first).await.unwrap();
    assert_eq!(first.unwrap().unwrap().0.body(), body("task_1").as_bytes());
}

#[actix_web::test]
async fn an_error_of_the_body_is_the_error_of_each() {
    for (error, code) in [
        (PayloadError::Incomplete(None), "body_incomplete"),
        (PayloadError::Overflow, "body_too_large"),
    ] {
        let request = configured();
        let mut payload = payload(stream::iter([Err(error)]));
        let both = [(); 2].map(|()| Webhook::<Delivery>::from_request(&request, &mut payload));
        for extracted in futures_util::future::join_all(both).await {
            assert_eq!(extracted.unwrap_err().error().code(), code);
        }
    }
}
