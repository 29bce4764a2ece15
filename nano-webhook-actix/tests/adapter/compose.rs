//! The middleware in every place, and actix's own middleware around and inside.

use std::future::Ready;
use std::rc::Rc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::{
    Compress, Condition, DefaultHeaders, ErrorHandlerResponse, ErrorHandlers, Logger, Next,
    NormalizePath, from_fn,
};
use actix_web::{App, Error, HttpMessage as _, HttpRequest, HttpResponse, Resource, test, web};
use futures_util::{poll, stream};
use nano_webhook_actix::{
    Dedupe, Delivery, ErrorKind, Outcome, OutcomeKind, Webhook, WebhookConfig, WebhookError,
    WebhookMiddleware,
};

use crate::support::{WAYS, delivery, every_way, forged, payload, verifier};

async fn handler(Webhook(event): Webhook) -> String {
    event.task_id().unwrap().to_owned()
}

fn resource() -> Resource {
    web::resource("/webhook").to(handler)
}

pub(crate) async fn pass_with<T, B: MessageBody>(
    _: T,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    next.call(request).await
}

async fn hold(
    held: HttpRequest,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let answer = next.call(request).await;
    assert_eq!(held.path(), "/webhook");
    answer
}

macro_rules! check {
    ($name:expr, $app:expr) => {
        let app = test::init_service($app).await;
        let request = delivery("task_1").to_request();
        let answer = test::call_and_read_body(&app, request).await;
        assert_eq!(answer, "task_1", "{}", $name);

        let request = delivery("task_2").insert_header((header::ACCEPT_ENCODING, "gzip"));
        let answer = test::call_service(&app, request.to_request()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{}", $name);

        let answer = test::call_service(&app, forged().to_request()).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{}", $name);
        let error = answer
            .response()
            .extensions()
            .get::<WebhookError>()
            .cloned();
        assert_eq!(
            error.unwrap().kind(),
            ErrorKind::SignatureMismatch,
            "{}",
            $name
        );
    };
}

/// What actix offers that changes requests or responses. `NormalizePath` panics on a
/// request that something outside of it has cloned.
macro_rules! stack {
    ($app:expr) => {
        $app.wrap(from_fn(pass_with::<(), _>))
            .wrap(Compress::default())
            .wrap(NormalizePath::trim())
            .wrap(DefaultHeaders::new().add(("x-version", "1")))
            .wrap(
                ErrorHandlers::new().default_handler(|answer: ServiceResponse<_>| {
                    Ok(ErrorHandlerResponse::Response(answer.map_into_left_body()))
                }),
            )
            .wrap(Logger::default())
            .wrap(Condition::new(true, Logger::default()))
    };
}

#[actix_web::test]
async fn in_every_place() {
    let webhooks = WebhookMiddleware::new(verifier());
    let once = || webhooks.clone().dedupe(Dedupe::in_memory());

    check!("App", App::new().wrap(webhooks.clone()).service(resource()));
    check!("App, once", App::new().wrap(once()).service(resource()));
    let scope = web::scope("").wrap(webhooks.clone()).service(resource());
    check!("Scope", App::new().service(scope));
    let wrapped = resource().wrap(webhooks.clone());
    check!("Resource", App::new().service(wrapped));
    let route = web::post().to(handler).wrap(webhooks.clone());
    check!("Route", App::new().route("/webhook", route));
    let condition = resource().wrap(Condition::new(true, once()));
    check!("Condition", App::new().service(condition));
    let twice = App::new().wrap(webhooks.clone()).wrap(once());
    check!("twice", twice.service(resource()));

    let app = App::new().app_data(WebhookConfig::new(verifier()));
    let held = resource().wrap(from_fn(hold));
    check!("extractor, the request held outside", app.service(held));
    let held = resource().wrap(webhooks.clone()).wrap(from_fn(hold));
    check!("middleware, held outside", App::new().service(held));
    let held = resource().wrap(once()).wrap(from_fn(hold));
    check!("dedupe, held outside", App::new().service(held));
}

#[actix_web::test]
async fn with_others_around_and_inside() {
    let config = WebhookConfig::new(verifier());
    let webhooks = WebhookMiddleware::new(verifier());
    let once = || webhooks.clone().dedupe(Dedupe::in_memory());

    let app = App::new().app_data(config.clone()).service(resource());
    check!("around the extractor", stack!(app));
    let wrapped = resource().wrap(webhooks.clone());
    check!("around the middleware", stack!(App::new().service(wrapped)));
    let wrapped = resource().wrap(once());
    check!("around dedupe", stack!(App::new().service(wrapped)));

    let app = stack!(App::new().service(resource()));
    check!("inside the middleware", app.wrap(webhooks.clone()));
    let app = stack!(App::new().service(resource()));
    check!("inside dedupe", app.wrap(once()));
}

/// An error of the inner service stays its own. A panic becomes one.
#[actix_web::test]
async fn errors_pass_through_with_their_outcome() {
    async fn fail(_: ServiceRequest, _: Next<impl MessageBody>) -> Result<ServiceResponse, Error> {
        Err(actix_web::error::ErrorConflict("not now"))
    }
    let webhooks = WebhookMiddleware::new(verifier());
    let once = webhooks.clone().dedupe(Dedupe::in_memory());
    let panics = async |_: Webhook| -> HttpResponse { panic!("the handler's own") };
    let app = test::init_service(
        App::new()
            .service(
                web::resource("/middleware")
                    .wrap(from_fn(fail))
                    .wrap(webhooks),
            )
            .service(
                web::resource("/dedupe")
                    .wrap(from_fn(fail))
                    .wrap(once.clone()),
            )
            .service(web::resource("/panic").to(panics).wrap(once.clone()))
            .service(
                web::resource("/at-once")
                    // Before it has returned its future.
                    .wrap_fn(|_, _| -> Ready<Result<ServiceResponse, Error>> { panic!("told to") })
                    .wrap(once),
            ),
    )
    .await;
    for (path, status, attempt, text) in [
        ("/middleware", 409, None, "not now"),
        ("/dedupe", 409, Some(1), "not now"),
        ("/panic", 500, Some(2), "the handler panicked"),
        ("/at-once", 500, Some(3), "the handler panicked"),
    ] {
        let request = delivery("task_1").uri(path).to_request();
        let error = test::try_call_service(&app, request).await.unwrap_err();
        assert!(error.to_string().contains(text), "{path}: {error}");
        let answer = error.error_response();
        assert_eq!(answer.status(), status, "{path}");
        let outcome = answer.extensions().get::<Outcome>().copied();
        assert_eq!(
            outcome.and_then(|outcome| outcome.attempt()),
            attempt,
            "{path}"
        );
        let kind = outcome.map(|outcome| outcome.kind());
        assert_eq!(kind, attempt.map(|_| OutcomeKind::Released), "{path}");
    }
}

/// A future in the request's extensions that held the request would keep both.
#[actix_web::test]
async fn a_client_that_hangs_up_within_its_body_frees_the_request() {
    let handler = async |_: Webhook, _: Webhook<Delivery>, _: web::Bytes| HttpResponse::Ok();
    let app = test::init_service(App::new().configure(every_way(handler, None))).await;
    for way in WAYS {
        let alive = Rc::new(());
        let request = delivery("task_1").uri(way).to_request();
        let (request, _) = request.replace_payload(payload(stream::pending()));
        request.extensions_mut().insert(Rc::clone(&alive));
        let mut call = Box::pin(test::call_service(&app, request));
        assert!(poll!(call.as_mut()).is_pending(), "{way}");
        drop(call);
        assert_eq!(Rc::strong_count(&alive), 1, "{way}");
    }
}
