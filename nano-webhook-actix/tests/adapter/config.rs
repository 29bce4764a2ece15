//! Where an extractor finds its configuration.

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpResponse, test, web};
use nano_webhook_actix::{Webhook, WebhookConfig};

use crate::support::{capture, delivery, other_verifier, verifier};

async fn handler(_: Webhook) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn status(configure: impl FnOnce(&mut ServiceConfig), request: TestRequest) -> StatusCode {
    let app = test::init_service(App::new().configure(configure)).await;
    test::call_service(&app, request.to_request())
        .await
        .status()
}

#[actix_web::test]
async fn plain_or_in_data() {
    let plain = |app: &mut ServiceConfig| {
        app.app_data(WebhookConfig::new(verifier()))
            .route("/webhook", web::post().to(handler));
    };
    assert_eq!(status(plain, delivery("a")).await, StatusCode::OK);
    let data = |app: &mut ServiceConfig| {
        app.app_data(Data::new(WebhookConfig::new(verifier())))
            .route("/webhook", web::post().to(handler));
    };
    assert_eq!(status(data, delivery("a")).await, StatusCode::OK);
}

#[actix_web::test]
async fn the_nearest_one_counts() {
    for (nearer, expected) in [
        (verifier(), StatusCode::OK),
        (other_verifier(), StatusCode::UNAUTHORIZED),
    ] {
        let further = match expected {
            StatusCode::OK => other_verifier(),
            _ => verifier(),
        };
        let app = |app: &mut ServiceConfig| {
            app.app_data(WebhookConfig::new(further.clone()))
                .service(
                    web::scope("/scope")
                        .app_data(WebhookConfig::new(nearer.clone()))
                        .route("/webhook", web::post().to(handler)),
                )
                .service(
                    web::resource("/webhook")
                        .app_data(WebhookConfig::new(nearer.clone()))
                        .route(web::post().to(handler)),
                );
        };
        assert_eq!(status(app, delivery("a")).await, expected, "resource");
        let in_scope = delivery("a").uri("/scope/webhook");
        assert_eq!(status(app, in_scope).await, expected, "scope");
    }
}

#[actix_web::test]
async fn without_one_nothing_is_accepted() {
    let (log, _guard) = capture();
    let app = |app: &mut ServiceConfig| {
        app.route("/webhook", web::post().to(handler));
    };
    let answer = status(app, delivery("a")).await;
    assert_eq!(answer, StatusCode::INTERNAL_SERVER_ERROR);
    let refusals = log.refusals();
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0].level, tracing::Level::ERROR);
    assert_eq!(refusals[0].code.as_deref(), Some("not_configured"));
    assert!(
        refusals[0].message.contains("WebhookConfig::new(verifier)"),
        "{}",
        refusals[0].message
    );
}

/// actix keeps the two apart, so the nearest cannot be told.
#[actix_web::test]
async fn both_ways_at_once_are_refused() {
    let (log, _guard) = capture();
    let app = |app: &mut ServiceConfig| {
        app.app_data(WebhookConfig::new(verifier())).service(
            web::resource("/webhook")
                .app_data(Data::new(WebhookConfig::new(other_verifier())))
                .route(web::post().to(handler)),
        );
    };
    let answer = status(app, delivery("a")).await;
    assert_eq!(answer, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(log.codes(), ["not_configured"]);
}
