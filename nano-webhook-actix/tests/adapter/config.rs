//! Which configuration decides.

use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, HttpResponse, Resource, test, web};
use nano_webhook_actix::{Webhook, WebhookConfig, WebhookMiddleware};
use nano_webhook_test_kit::LogCapture;

use crate::compose::pass_with;
use crate::support::{delivery, other_verifier, verifier};

fn resource() -> Resource {
    web::resource("/webhook").to(async |_: Webhook| HttpResponse::Ok().finish())
}

fn accepts() -> WebhookConfig {
    WebhookConfig::new(verifier())
}

fn rejects() -> WebhookConfig {
    WebhookConfig::new(other_verifier())
}

fn accepting() -> WebhookMiddleware {
    WebhookMiddleware::new(verifier())
}

fn rejecting() -> WebhookMiddleware {
    WebhookMiddleware::new(other_verifier())
}

async fn status(configure: impl FnOnce(&mut ServiceConfig)) -> StatusCode {
    let app = test::init_service(App::new().configure(configure)).await;
    let answer = test::call_service(&app, delivery("a").to_request()).await;
    answer.status()
}

/// A service behind a middleware.
macro_rules! behind {
    ($middleware:expr, $service:expr) => {
        web::scope("").wrap($middleware).service($service)
    };
}

type Row = (&'static str, u16, fn(&mut ServiceConfig));

#[actix_web::test]
async fn the_nearest_one_decides() {
    let rows: &[Row] = &[
        ("plain", 200, |app| {
            app.app_data(accepts()).service(resource());
        }),
        ("in Data", 200, |app| {
            app.app_data(Data::new(accepts())).service(resource());
        }),
        ("plain before Data", 200, |app| {
            let nearer = resource().app_data(Data::new(rejects()));
            app.app_data(accepts()).service(nearer);
        }),
        ("a resource in an app", 401, |app| {
            app.app_data(accepts())
                .service(resource().app_data(rejects()));
        }),
        ("a lenient resource in an app", 200, |app| {
            app.app_data(rejects())
                .service(resource().app_data(accepts()));
        }),
        ("a resource in a scope", 200, |app| {
            let scope = web::scope("").app_data(rejects());
            app.service(scope.service(resource().app_data(accepts())));
        }),
        ("a middleware in an app", 401, |app| {
            app.app_data(accepts())
                .service(resource().wrap(rejecting()));
        }),
        ("a lenient middleware in an app", 200, |app| {
            app.app_data(rejects())
                .service(resource().wrap(accepting()));
        }),
        ("a middleware and its own resource", 401, |app| {
            app.service(resource().app_data(accepts()).wrap(rejecting()));
        }),
        ("a resource in a middleware, in Data", 401, |app| {
            let nearer = resource().app_data(Data::new(rejects()));
            app.service(behind!(accepting(), nearer));
        }),
        ("a resource in a middleware in an app", 401, |app| {
            app.app_data(accepts())
                .service(behind!(accepting(), resource().app_data(rejects())));
        }),
        ("a lenient resource in a middleware", 200, |app| {
            app.app_data(rejects())
                .service(behind!(accepting(), resource().app_data(accepts())));
        }),
        ("one on both sides of a middleware", 401, |app| {
            let config = rejects();
            app.app_data(config.clone())
                .service(behind!(accepting(), resource().app_data(config)));
        }),
        ("one Data on both sides of a middleware", 401, |app| {
            let config = Data::new(rejects());
            app.app_data(config.clone())
                .service(behind!(accepting(), resource().app_data(config)));
        }),
        ("a middleware in a middleware", 401, |app| {
            app.service(behind!(accepting(), resource().wrap(rejecting())));
        }),
        ("a resource behind an extracting middleware", 401, |app| {
            app.app_data(accepts()).service(behind!(
                from_fn(pass_with::<Webhook, _>),
                resource().app_data(rejects())
            ));
        }),
        ("its like behind an extracting middleware", 200, |app| {
            app.app_data(accepts()).service(behind!(
                from_fn(pass_with::<Webhook, _>),
                resource().app_data(accepts())
            ));
        }),
        ("a middleware behind an extracting one", 401, |app| {
            app.app_data(accepts()).service(behind!(
                from_fn(pass_with::<Webhook, _>),
                resource().wrap(rejecting())
            ));
        }),
    ];
    for (name, expected, configure) in rows {
        assert_eq!(status(configure).await, *expected, "{name}");
    }
}

#[actix_web::test]
async fn without_one_the_log_says_what_to_add() {
    let (log, _guard) = LogCapture::of_this_thread();
    let without = |app: &mut ServiceConfig| {
        app.service(resource());
    };
    assert_eq!(status(without).await, StatusCode::INTERNAL_SERVER_ERROR);
    let message = log.take();
    assert!(
        message.contains("WebhookConfig::new(verifier)"),
        "{message}"
    );
}
