//! How a refusal looks from outside: the sender, and outer middleware.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::{ErrorHandlerResponse, ErrorHandlers, Next, from_fn};
use actix_web::test::{self, TestRequest};
use actix_web::{App, HttpRequest, HttpResponse, web};
use nano_webhook_actix::{
    Webhook, WebhookConfig, WebhookError, WebhookMiddleware, WebhookRejection,
};

use crate::support::{TestStore, delivery, verifier};

async fn handler(_: Webhook) -> HttpResponse {
    HttpResponse::Ok().finish()
}

fn teapot(error: &WebhookError, request: &HttpRequest) -> HttpResponse {
    HttpResponse::ImATeapot().body(format!("{} at {}", error.code(), request.path()))
}

fn forged() -> TestRequest {
    delivery("a").insert_header(("X-Nano-Signature", format!("v1={}", "0".repeat(64))))
}

#[actix_web::test]
async fn is_a_problem_document() {
    let app = test::init_service(
        App::new()
            .app_data(WebhookConfig::new(verifier()))
            .route("/webhook", web::post().to(handler))
            .route(
                "/middleware",
                web::post()
                    .to(handler)
                    .wrap(WebhookMiddleware::new(verifier())),
            ),
    )
    .await;
    for uri in ["/webhook", "/middleware"] {
        let answer = test::call_service(&app, forged().uri(uri).to_request()).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let headers = answer.headers();
        assert_eq!(
            headers.get("content-type").unwrap(),
            "application/problem+json"
        );
        assert_eq!(headers.get("www-authenticate").unwrap(), "NanoSignature");
        let body: serde_json::Value = test::read_body_json(answer).await;
        assert_eq!(body["status"], 401);
        assert_eq!(body["code"], "signature_mismatch");
    }
}

#[actix_web::test]
async fn is_reachable_by_outer_layers() {
    async fn look(
        request: ServiceRequest,
        next: Next<impl MessageBody>,
    ) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
        let answer = next.call(request).await?;
        let response = answer.response();
        let rejection = response
            .error()
            .unwrap()
            .as_error::<WebhookRejection>()
            .unwrap();
        assert_eq!(rejection.error().code(), "signature_mismatch");
        assert!(
            rejection
                .to_string()
                .starts_with("the signature matches no secret")
        );
        let extensions = response.extensions();
        let error = extensions.get::<WebhookError>().unwrap();
        assert_eq!(error.code(), "signature_mismatch");
        drop(extensions);
        Ok(answer)
    }
    let app = test::init_service(
        App::new()
            .wrap(from_fn(look))
            .app_data(WebhookConfig::new(verifier()))
            .route("/webhook", web::post().to(handler))
            .route(
                "/middleware",
                web::post()
                    .to(handler)
                    .wrap(WebhookMiddleware::new(verifier())),
            ),
    )
    .await;
    for uri in ["/webhook", "/middleware"] {
        let answer = test::call_service(&app, forged().uri(uri).to_request()).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{uri}");
    }
}

#[actix_web::test]
async fn goes_through_error_handlers() {
    let handlers = ErrorHandlers::new().handler(StatusCode::UNAUTHORIZED, |answer| {
        let code = answer
            .response()
            .extensions()
            .get::<WebhookError>()
            .unwrap()
            .code();
        let (request, _) = answer.into_parts();
        let answer = ServiceResponse::new(request, HttpResponse::Forbidden().body(code));
        Ok(ErrorHandlerResponse::Response(answer.map_into_right_body()))
    });
    let app = test::init_service(
        App::new()
            .wrap(handlers)
            .app_data(WebhookConfig::new(verifier()))
            .route("/webhook", web::post().to(handler)),
    )
    .await;
    let answer = test::call_service(&app, forged().to_request()).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(test::read_body(answer).await, "signature_mismatch");
}

#[actix_web::test]
async fn can_be_answered_in_your_own_format() {
    let (store, _calls) = TestStore::new();
    let middleware = WebhookMiddleware::new(verifier());
    let app = test::init_service(
        App::new()
            .app_data(WebhookConfig::new(verifier()).on_rejection(teapot))
            .route("/extractor", web::post().to(handler))
            .route(
                "/middleware",
                web::post()
                    .to(handler)
                    .wrap(middleware.clone().on_rejection(teapot)),
            )
            .route(
                "/dedupe",
                web::post()
                    .to(handler)
                    .wrap(middleware.dedupe(store).unwrap().on_rejection(teapot)),
            ),
    )
    .await;
    for uri in ["/extractor", "/middleware", "/dedupe"] {
        let answer = test::call_service(&app, forged().uri(uri).to_request()).await;
        assert_eq!(answer.status(), StatusCode::IM_A_TEAPOT);
        let error = answer
            .response()
            .extensions()
            .get::<WebhookError>()
            .cloned();
        assert_eq!(error.unwrap().code(), "signature_mismatch");
        let body = test::read_body(answer).await;
        assert_eq!(body, format!("signature_mismatch at {uri}"));
    }
}

/// Asked twice, actix's own wrapper has only an empty 500 left.
#[actix_web::test]
async fn can_be_asked_for_its_answer_again() {
    use actix_web::{FromRequest as _, ResponseError as _};

    let (request, mut payload) = TestRequest::default()
        .app_data(WebhookConfig::new(verifier()).on_rejection(teapot))
        .to_http_parts();
    let rejection =
        Webhook::<nano_webhook_actix::WebhookEvent>::from_request(&request, &mut payload)
            .await
            .unwrap_err();
    assert_eq!(rejection.status_code(), StatusCode::IM_A_TEAPOT);
    assert_eq!(rejection.error_response().status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(
        rejection.error_response().status(),
        StatusCode::UNAUTHORIZED
    );
}
