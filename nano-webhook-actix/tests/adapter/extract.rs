//! What a handler gets.

use actix_web::http::StatusCode;
use actix_web::{App, HttpMessage as _, HttpRequest, HttpResponse, test, web};
use nano_webhook_actix::core::MatchedSecret;
use nano_webhook_actix::{
    Delivery, Webhook, WebhookConfig, WebhookError, WebhookEvent, WebhookMiddleware,
    WebhookRejection,
};
use serde_json::Value;

use crate::support::{SECRET, builder, capture, completed, delivery, now, verifier};

macro_rules! app {
    ($handler:expr) => {
        test::init_service(
            App::new()
                .app_data(WebhookConfig::new(verifier()))
                .route("/webhook", web::post().to($handler)),
        )
        .await
    };
}

#[actix_web::test]
async fn the_event() {
    let app = app!(async |Webhook(event): Webhook| {
        let WebhookEvent::Completed(job) = event else {
            panic!("{event:?}");
        };
        format!("{} {}", job.task_id, job.url)
    });
    let answer = test::call_and_read_body(&app, delivery("task_1").to_request()).await;
    assert_eq!(answer, "task_1 https://cdn.example.com/1.png");
}

#[actix_web::test]
async fn the_whole_delivery() {
    let app = app!(async |Webhook(delivery): Webhook<Delivery>| {
        assert_eq!(delivery.signed_at(), now());
        assert_eq!(delivery.secret(), MatchedSecret::Current);
        delivery.body().clone()
    });
    let answer = test::call_and_read_body(&app, delivery("task_1").to_request()).await;
    assert_eq!(answer, completed("task_1"));
}

#[actix_web::test]
async fn several_share_one_verification() {
    let app = app!(async |Webhook(event): Webhook,
                          Webhook(delivery): Webhook<Delivery>,
                          Webhook(again): Webhook| {
        assert_eq!(delivery.event(), &event);
        assert_eq!(again, event);
        delivery.body().clone()
    });
    let answer = test::call_and_read_body(&app, delivery("task_1").to_request()).await;
    assert_eq!(answer, completed("task_1"));
}

#[actix_web::test]
async fn several_are_refused_once() {
    let (log, _guard) = capture();
    let app =
        app!(async |event: Result<Webhook, WebhookRejection>,
                    delivery: Result<Webhook<Delivery>, WebhookRejection>| {
            for code in [
                event.unwrap_err().error().code(),
                delivery.unwrap_err().error().code(),
            ] {
                assert_eq!(code, "signature_mismatch");
            }
            HttpResponse::Accepted().finish()
        });
    let forged = delivery("task_1").set_payload(completed("task_2"));
    let answer = test::call_service(&app, forged.to_request()).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    assert_eq!(log.codes(), ["signature_mismatch"]);
}

#[actix_web::test]
async fn extractors_behind_it_read_the_signed_body() {
    let app = app!(async |Webhook(event): Webhook, json: web::Json<Value>| {
        assert_eq!(json["task_id"], event.task_id().unwrap());
        HttpResponse::Ok().finish()
    });
    let request = delivery("task_1").to_request();
    assert_eq!(
        test::call_service(&app, request).await.status(),
        StatusCode::OK
    );

    let app = app!(async |_: Webhook, body: web::Bytes| body);
    let request = delivery("task_1").to_request();
    assert_eq!(
        test::call_and_read_body(&app, request).await,
        completed("task_1")
    );
}

#[actix_web::test]
async fn extractors_behind_it_get_nothing_unverified() {
    let app = app!(
        async |event: Option<Webhook>, body: Result<web::Bytes, actix_web::Error>| {
            assert!(event.is_none());
            body.unwrap_err().to_string()
        }
    );
    let forged = delivery("task_1").set_payload(completed("task_2"));
    let answer = test::call_and_read_body(&app, forged.to_request()).await;
    assert_eq!(answer, "the delivery was refused");
}

#[actix_web::test]
async fn extractors_before_it_take_what_has_to_be_verified() {
    let (log, _guard) = capture();
    let app = app!(async |_: web::Bytes, _: Webhook| HttpResponse::Ok().finish());
    // As over a socket: the test request alone announces no body.
    let request = delivery("task_1").insert_header(("Content-Length", "100"));
    let answer = test::call_service(&app, request.to_request()).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let refusals = log.refusals();
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0].code.as_deref(), Some("not_configured"));
    assert!(
        refusals[0].message.contains("put Webhook before Bytes"),
        "{}",
        refusals[0].message
    );
}

#[actix_web::test]
async fn an_empty_body_is_judged_as_such() {
    let app = app!(async |_: Webhook| HttpResponse::Ok().finish());
    let signed = delivery("task_1").set_payload("");
    let answer = test::call_service(&app, signed.to_request()).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let answer = answer.response();
    let error = answer.extensions().get::<WebhookError>().cloned();
    assert_eq!(error.unwrap().code(), "signature_mismatch");
}

#[actix_web::test]
async fn a_delivery_that_something_else_verified_is_taken_as_it_is() {
    let app = test::init_service(App::new().route(
        "/webhook",
        web::post().to(async |Webhook(event): Webhook, request: HttpRequest| {
            assert!(request.extensions().get::<Delivery>().is_some());
            event.task_id().unwrap().to_owned()
        }),
    ))
    .await;
    let verified =
        Delivery::assume_verified(completed("task_9"), now(), MatchedSecret::Current).unwrap();
    let request = test::TestRequest::post().uri("/webhook").to_request();
    request.extensions_mut().insert(verified);
    assert_eq!(test::call_and_read_body(&app, request).await, "task_9");
}

/// With re-serialised bodies, what was signed is not what was sent.
#[actix_web::test]
async fn extractors_behind_it_read_what_was_signed() {
    let reserialized = builder(SECRET).accept_reserialized().build().unwrap();
    let handler = async |Webhook(delivery): Webhook<Delivery>, body: web::Bytes| {
        assert_eq!(delivery.body(), &body);
        body
    };
    let app = test::init_service(
        App::new()
            .app_data(WebhookConfig::new(reserialized.clone()))
            .route("/webhook", web::post().to(handler))
            .route(
                "/middleware",
                web::post()
                    .to(handler)
                    .wrap(WebhookMiddleware::new(reserialized)),
            ),
    )
    .await;
    let sent = completed("task_1")
        .replace(':', ": ")
        .replace(": //", "://");
    for uri in ["/webhook", "/middleware"] {
        let request = delivery("task_1").uri(uri).set_payload(sent.clone());
        let answer = test::call_and_read_body(&app, request.to_request()).await;
        assert_eq!(answer, completed("task_1"), "{uri}");
    }
}
