//! The middleware in every place, and with others around it.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::{Compress, Logger, Next, NormalizePath, from_fn};
use actix_web::test::TestRequest;
use actix_web::{App, HttpMessage as _, HttpRequest, HttpResponse, Resource, test, web};
use nano_webhook_actix::core::dedupe::Outcome;
use nano_webhook_actix::{Delivery, Webhook, WebhookConfig, WebhookError, WebhookMiddleware};
use serde_json::Value;

use crate::support::{TestStore, capture, completed, delivery, other_verifier, verifier};

async fn handler(Webhook(event): Webhook) -> String {
    event.task_id().unwrap().to_owned()
}

fn resource() -> Resource {
    web::resource("/webhook").route(web::post().to(handler))
}

fn forged() -> TestRequest {
    delivery("task_1").set_payload(completed("task_2"))
}

async fn pass(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    next.call(request).await
}

/// Holds on to the request while the inner service handles it, as loggers do.
async fn hold(
    held: HttpRequest,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let answer = next.call(request).await;
    assert_eq!(held.path(), "/webhook");
    answer
}

macro_rules! check {
    ($place:expr, $app:expr) => {
        let app = test::init_service($app).await;
        let answer = test::call_and_read_body(&app, delivery("task_1").to_request()).await;
        assert_eq!(answer, "task_1", "{}", $place);
        let answer = test::call_service(&app, forged().to_request()).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{}", $place);
    };
}

#[actix_web::test]
async fn in_every_place() {
    let webhooks = WebhookMiddleware::new(verifier());
    let app = App::new().wrap(webhooks.clone()).service(resource());
    check!("App", app);

    let scope = web::scope("").wrap(webhooks.clone()).service(resource());
    check!("Scope", App::new().service(scope));

    let wrapped = resource().wrap(webhooks.clone());
    check!("Resource", App::new().service(wrapped));

    let route = web::post().to(handler).wrap(webhooks.clone());
    let app = App::new().route("/webhook", route);
    check!("Route", app);

    let held = resource().wrap(webhooks.clone()).wrap(from_fn(hold));
    check!("with the request held outside", App::new().service(held));

    let (store, _calls) = TestStore::new();
    let dedupe = webhooks.clone().dedupe(store).unwrap();
    let app = App::new().wrap(dedupe).service(resource());
    check!("App with dedupe", app);

    let app = App::new()
        .wrap(webhooks.clone())
        .wrap(webhooks)
        .service(resource());
    check!("twice", app);
}

#[actix_web::test]
async fn with_others_around_it() {
    let (store, _calls) = TestStore::new();
    let webhooks = WebhookMiddleware::new(verifier());
    let dedupe = webhooks.clone().dedupe(store).unwrap();
    macro_rules! around {
        ($app:expr) => {
            $app.wrap(from_fn(pass))
                .wrap(Compress::default())
                .wrap(NormalizePath::trim())
                .wrap(Logger::default())
        };
    }
    let app = App::new().service(resource().wrap(webhooks));
    check!("middleware", around!(app));
    let app = App::new().service(resource().wrap(dedupe));
    check!("dedupe", around!(app));
    let config = WebhookConfig::new(verifier());
    let app = App::new().app_data(config).service(resource());
    check!("extractor", around!(app));
}

/// `NormalizePath` rewrites the request inside of it, which nobody may hold.
#[actix_web::test]
async fn with_others_inside_of_it() {
    let (store, _calls) = TestStore::new();
    let webhooks = WebhookMiddleware::new(verifier());
    macro_rules! inside {
        ($middleware:expr) => {
            App::new()
                .service(resource())
                .wrap(from_fn(pass))
                .wrap(NormalizePath::trim())
                .wrap(Compress::default())
                .wrap($middleware)
        };
    }
    check!("middleware", inside!(webhooks.clone()));
    check!("dedupe", inside!(webhooks.dedupe(store).unwrap()));
}

/// The answer may be compressed; what the sender said it accepts is no business
/// of the signature.
#[actix_web::test]
async fn compressed_answers_are_fine() {
    let app = test::init_service(
        App::new()
            .wrap(Compress::default())
            .service(resource().wrap(WebhookMiddleware::new(verifier()))),
    )
    .await;
    let request = delivery("task_1").insert_header((header::ACCEPT_ENCODING, "gzip"));
    let answer = test::call_service(&app, request.to_request()).await;
    assert_eq!(answer.status(), StatusCode::OK);

    let refused = forged().insert_header((header::ACCEPT_ENCODING, "gzip"));
    let answer = test::call_service(&app, refused.to_request()).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn the_signed_body_stays_readable() {
    async fn both(body: web::Bytes, Webhook(delivery): Webhook<Delivery>) -> web::Bytes {
        assert_eq!(delivery.body(), &body);
        body
    }
    async fn json(json: web::Json<Value>, request: HttpRequest) -> String {
        let extensions = request.extensions();
        let event = extensions.get::<Delivery>().unwrap().event();
        assert_eq!(json["event"], event.name());
        json.to_string()
    }
    let webhooks = WebhookMiddleware::new(verifier());
    let app = test::init_service(
        App::new()
            .route("/both", web::post().to(both).wrap(webhooks.clone()))
            .route("/json", web::post().to(json).wrap(webhooks)),
    )
    .await;
    let request = delivery("task_1").uri("/both").to_request();
    let answer = test::call_and_read_body(&app, request).await;
    assert_eq!(answer, completed("task_1"));

    let request = delivery("task_1").uri("/json").to_request();
    let answer = test::call_and_read_body(&app, request).await;
    let expected: Value = serde_json::from_str(&completed("task_1")).unwrap();
    assert_eq!(answer, expected.to_string());
}

/// The middleware is nearer to the handler than any `app_data`.
#[actix_web::test]
async fn the_extractor_inside_takes_what_the_middleware_verified() {
    let app = App::new()
        .app_data(WebhookConfig::new(other_verifier()))
        .service(resource().wrap(WebhookMiddleware::new(verifier())));
    check!("inside", app);
}

#[actix_web::test]
async fn a_payload_that_is_gone_is_a_mistake_in_the_setup() {
    let (log, _guard) = capture();
    async fn greedy(
        _: web::Bytes,
        request: ServiceRequest,
        next: Next<impl MessageBody>,
    ) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
        next.call(request).await
    }
    let app = test::init_service(
        App::new()
            .wrap(WebhookMiddleware::new(verifier()))
            .wrap(from_fn(greedy))
            .service(resource()),
    )
    .await;
    let request = delivery("task_1").insert_header((header::CONTENT_LENGTH, "100"));
    let answer = test::call_service(&app, request.to_request()).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(log.codes(), ["not_configured"]);
}

#[actix_web::test]
async fn logs_each_refusal_once() {
    let (log, _guard) = capture();
    let app =
        test::init_service(App::new().service(resource().wrap(WebhookMiddleware::new(verifier()))))
            .await;
    let stale = delivery("task_1").insert_header(("X-Nano-Timestamp", "1"));
    let answer = test::call_service(&app, stale.to_request()).await;
    let error = answer
        .response()
        .extensions()
        .get::<WebhookError>()
        .cloned();
    assert_eq!(error.unwrap().code(), "timestamp_out_of_tolerance");
    test::call_service(&app, forged().to_request()).await;
    assert_eq!(
        log.codes(),
        ["timestamp_out_of_tolerance", "signature_mismatch"]
    );
}

/// What the inner service fails with is its own.
#[actix_web::test]
async fn inner_errors_pass_through() {
    async fn fail(
        _: ServiceRequest,
        _: Next<impl MessageBody>,
    ) -> Result<ServiceResponse, actix_web::Error> {
        Err(actix_web::error::ErrorConflict("not now"))
    }
    let (store, _calls) = TestStore::new();
    let webhooks = WebhookMiddleware::new(verifier());
    let app = test::init_service(
        App::new()
            .service(
                web::resource("/plain")
                    .wrap(from_fn(fail))
                    .wrap(webhooks.clone())
                    .route(web::post().to(handler)),
            )
            .service(
                web::resource("/dedupe")
                    .wrap(from_fn(fail))
                    .wrap(webhooks.dedupe(store).unwrap())
                    .route(web::post().to(handler)),
            )
            .default_service(web::to(HttpResponse::NotFound)),
    )
    .await;
    for uri in ["/plain", "/dedupe"] {
        let request = delivery("task_1").uri(uri).to_request();
        let error = test::try_call_service(&app, request).await.unwrap_err();
        assert_eq!(error.to_string(), "not now");
        let answer = error.error_response();
        assert_eq!(answer.status(), StatusCode::CONFLICT);
        let outcome = answer.extensions().get::<Outcome>().copied();
        let released = Outcome::Released { attempt: 1 };
        assert_eq!(outcome, (uri == "/dedupe").then_some(released));
    }
}
