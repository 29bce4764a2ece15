//! Rejections, as outer middleware, a hook and a handler see them.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{self, TestRequest};
use actix_web::{App, Error, FromRequest as _, HttpRequest, HttpResponse, ResponseError as _, web};
use nano_webhook_actix::{
    ErrorKind, Outcome, OutcomeKind, Webhook, WebhookConfig, WebhookError, WebhookEvent,
    WebhookMiddleware, WebhookRejection,
};
use nano_webhook_test_kit::LogCapture;

use crate::support::{WAYS, codes, delivery, every_way, forged, verifier};

async fn handler(_: Webhook) -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[actix_web::test]
async fn outer_middleware_sees_the_rejection() {
    async fn look(
        request: ServiceRequest,
        next: Next<impl MessageBody>,
    ) -> Result<ServiceResponse<impl MessageBody>, Error> {
        let answer = next.call(request).await?;
        let error = answer.response().error().unwrap();
        let rejection = error.as_error::<WebhookRejection>().unwrap();
        assert_eq!(rejection.error().kind(), ErrorKind::SignatureMismatch);
        assert_eq!(rejection.to_string(), rejection.error().to_string());
        Ok(answer)
    }
    let (log, _guard) = LogCapture::of_this_thread();
    let app = App::new().configure(every_way(handler, None));
    let app = test::init_service(app.wrap(from_fn(look))).await;
    for way in WAYS {
        let answer = test::call_service(&app, forged().uri(way).to_request()).await;
        let extensions = answer.response().extensions();
        let error = extensions.get::<WebhookError>().unwrap();
        assert_eq!(error.kind(), ErrorKind::SignatureMismatch, "{way}");
        assert!(!extensions.contains::<Outcome>(), "{way}");
        assert_eq!(codes(&log), ["signature_mismatch"], "{way}");
    }
}

/// In one's own format, with the status that the query names.
fn own_format(error: &WebhookError, request: &HttpRequest) -> HttpResponse {
    let status = StatusCode::from_bytes(request.query_string().as_bytes()).unwrap();
    HttpResponse::build(status).body(error.code())
}

#[actix_web::test]
async fn a_hook_answers_in_its_own_format() {
    let app = App::new().configure(every_way(handler, Some(own_format)));
    let app = test::init_service(app).await;
    for way in WAYS {
        for (status, authenticate) in [(418, None), (401, Some("NanoSignature"))] {
            let request = forged().uri(&format!("{way}?{status}")).to_request();
            let answer = test::call_service(&app, request).await;
            assert_eq!(answer.status(), status, "{way}");
            let header = answer.headers().get(header::WWW_AUTHENTICATE);
            assert_eq!(
                header.map(|value| value.to_str().unwrap()),
                authenticate,
                "{way}"
            );
            assert!(
                answer.response().extensions().contains::<WebhookError>(),
                "{way}"
            );
            assert_eq!(test::read_body(answer).await, "signature_mismatch", "{way}");
        }
    }
}

/// The hook's response can be given once; after that the problem document is.
#[actix_web::test]
async fn a_rejection_can_be_asked_for_its_answer_again() {
    let (request, mut payload) = TestRequest::default()
        .uri("/webhook?418")
        .app_data(WebhookConfig::new(verifier()).on_rejection(own_format))
        .to_http_parts();
    let extracted = Webhook::<WebhookEvent>::from_request(&request, &mut payload).await;
    let rejection = extracted.unwrap_err();
    assert_eq!(rejection.status_code(), StatusCode::IM_A_TEAPOT);
    assert_eq!(rejection.error_response().status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(rejection.error_response().status(), 405);
}

struct NotYet;

impl From<NotYet> for WebhookError {
    fn from(_: NotYet) -> Self {
        Self::retry_later(Duration::from_secs(30))
    }
}

#[actix_web::test]
async fn a_handler_can_ask_for_a_retry() {
    async fn handler(_: Webhook) -> Result<HttpResponse, WebhookRejection> {
        Err(NotYet)?
    }
    let (log, _guard) = LogCapture::of_this_thread();
    let app = test::init_service(App::new().configure(every_way(handler, None))).await;
    for way in WAYS {
        let answer = test::call_service(&app, delivery("task").uri(way).to_request()).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{way}");
        let retry_after = answer.headers().get(header::RETRY_AFTER);
        assert_eq!(retry_after.unwrap(), "30", "{way}");
        let extensions = answer.response().extensions();
        let error = extensions.get::<WebhookError>().unwrap();
        assert_eq!(error.kind(), ErrorKind::RetryLater, "{way}");
        let outcome = extensions.get::<Outcome>();
        let outcome = outcome.map(|outcome| (outcome.kind(), outcome.attempt()));
        let released = (OutcomeKind::Released, Some(1));
        assert_eq!(outcome, (way == "/dedupe").then_some(released), "{way}");
        assert_eq!(codes(&log), ["retry_later"], "{way}");
    }
}

/// What the README says about other methods.
#[actix_web::test]
async fn other_methods_get_405_where_their_path_is_found() {
    let (log, _guard) = LogCapture::of_this_thread();
    let webhooks = WebhookMiddleware::new(verifier());
    let post = || web::post().to(handler).wrap(webhooks.clone());
    let app = App::new()
        .service(web::resource("/all").to(handler).wrap(webhooks.clone()))
        .service(web::resource("/resource").route(post()))
        .route("/app", post());
    let app = test::init_service(app).await;
    for (path, status, allow) in [
        ("/all", 405, Some("POST")),
        ("/resource", 405, Some("POST")),
        ("/app", 404, None),
    ] {
        let request = TestRequest::get().uri(path).to_request();
        let answer = test::call_service(&app, request).await;
        assert_eq!(answer.status(), status, "{path}");
        let header = answer.headers().get(header::ALLOW);
        assert_eq!(header.map(|value| value.to_str().unwrap()), allow, "{path}");
    }
    assert_eq!(codes(&log), ["method_not_allowed"]);
}
