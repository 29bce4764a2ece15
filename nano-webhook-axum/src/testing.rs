use axum_core::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, header};
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{Signer, UnixTime};

/// A signed delivery as a whole request, for tests of handlers.
///
/// ```
/// use axum::{Router, body::Body, routing::post};
/// use nano_webhook_axum::{
///     Secret, Signer, UnixTime, Verifier, Webhook, WebhookLayer, signed_request,
/// };
/// use tower::ServiceExt as _;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let secret = Secret::new("your-secret-key-of-some-length")?;
/// let app = Router::new().route(
///     "/webhook",
///     post(async |_: Webhook| {}).layer(WebhookLayer::new(Verifier::new(secret.clone()))),
/// );
///
/// let body = r#"{"event":"job.failed","task_id":"task_1"}"#;
/// let request = signed_request(&Signer::new(secret), UnixTime::now(), "/webhook", body)?;
/// let response = app.oneshot(request).await?;
/// assert_eq!(response.status(), 200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`http::Error`] if `uri` is not a URI.
pub fn signed_request<U>(
    signer: &Signer,
    signed_at: UnixTime,
    uri: U,
    body: impl Into<Bytes>,
) -> Result<Request<Body>, http::Error>
where
    U: TryInto<Uri>,
    U::Error: Into<http::Error>,
{
    let body = body.into();
    let signed = signer.sign(signed_at, &body);
    let mut signature = HeaderValue::from_str(signed.signature())?;
    signature.set_sensitive(true);
    Request::builder()
        .method(Method::POST)
        .uri(uri)
        .header(header::CONTENT_TYPE, "application/json")
        .header(HeaderField::Timestamp.name(), signed.timestamp())
        .header(HeaderField::Signature.name(), signature)
        .body(Body::from(body))
}
