use actix_web::http::header;
use actix_web::test::TestRequest;
use bytes::Bytes;
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{Signer, UnixTime};

/// A signed delivery as a test request, for tests of handlers.
///
/// ```
/// use actix_web::{App, HttpResponse, test, web};
/// use nano_webhook_actix::{
///     Secret, Signer, UnixTime, Verifier, Webhook, WebhookConfig, signed_request,
/// };
///
/// # actix_web::rt::System::new().block_on(async {
/// let secret = Secret::new("your-secret-key-of-some-length")?;
/// let app = test::init_service(
///     App::new()
///         .app_data(WebhookConfig::new(Verifier::new(secret.clone())))
///         .route("/webhook", web::post().to(async |_: Webhook| HttpResponse::Ok().finish())),
/// )
/// .await;
///
/// let body = r#"{"event":"job.failed","task_id":"task_1"}"#;
/// let request = signed_request(&Signer::new(secret), UnixTime::now(), "/webhook", body);
/// let response = test::call_service(&app, request.to_request()).await;
/// assert_eq!(response.status(), 200);
/// # Ok::<(), nano_webhook_actix::ConfigError>(())
/// # })?;
/// # Ok::<(), nano_webhook_actix::ConfigError>(())
/// ```
///
/// # Panics
/// If `uri` is not a URI.
#[must_use]
pub fn signed_request(
    signer: &Signer,
    signed_at: UnixTime,
    uri: &str,
    body: impl Into<Bytes>,
) -> TestRequest {
    let body = body.into();
    let signed = signer.sign(signed_at, &body);
    TestRequest::post()
        .uri(uri)
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((HeaderField::Timestamp.name(), signed.timestamp()))
        .insert_header((HeaderField::Signature.name(), signed.signature()))
        .set_payload(body)
}
