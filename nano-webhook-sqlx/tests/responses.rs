//! `?` in a handler answers 503 with `Retry-After`, in both frameworks.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing
)]

use actix_web::ResponseError as _;
use actix_web::body::to_bytes;
use axum_core::response::IntoResponse as _;
use http_body_util::BodyExt as _;
use nano_webhook_core::WebhookError;
use nano_webhook_sqlx::{TransactionError, sqlx};

#[tokio::test]
async fn an_error_of_the_transaction_is_503_in_both_frameworks() {
    // A pool that has run dry.
    let error = || TransactionError::from(sqlx::Error::PoolTimedOut);

    let axum = error().into_response();
    assert!(axum.extensions().get::<WebhookError>().is_some());
    let (head, body) = axum.into_parts();
    let body = body.collect().await.unwrap().to_bytes();

    let actix = error().error_response();
    assert!(actix.extensions().get::<WebhookError>().is_some());
    let (status, headers) = (actix.status(), actix.headers().clone());
    let actix_body = to_bytes(actix.into_body()).await.unwrap();

    assert_eq!((head.status.as_u16(), status.as_u16()), (503, 503));
    for (name, value) in [
        ("retry-after", "5"),
        ("content-type", "application/problem+json"),
    ] {
        assert_eq!(head.headers[name], value);
        assert_eq!(headers.get(name).unwrap(), value);
    }
    assert_eq!(body, actix_body);
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(text.contains(r#""code":"store_unavailable""#), "{text}");
}
