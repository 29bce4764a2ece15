//! [`TransactionError`] as a response. Status, headers and body are core's.

use std::time::Duration;

use nano_webhook_core::WebhookError;
use nano_webhook_core::dedupe::StoreError;

use crate::{TransactionError, TransactionErrorKind};

const RETRY_AFTER: Duration = Duration::from_secs(5);

impl TransactionError {
    /// Logs the error: its text is not for the sender.
    fn answer(&self) -> WebhookError {
        let kind = self.kind();
        tracing::error!(?kind, error = %self, "the handler's transaction failed; the delivery was not handled");
        match kind {
            TransactionErrorKind::LeaseLost => WebhookError::InProgress {
                retry_after: RETRY_AFTER,
            },
            _ => WebhookError::StoreUnavailable {
                retry_after: RETRY_AFTER,
                source: std::sync::Arc::new(StoreError::new(self.to_string())),
            },
        }
    }
}

#[cfg(feature = "axum")]
impl axum_core::response::IntoResponse for TransactionError {
    fn into_response(self) -> axum_core::response::Response {
        let error = self.answer();
        let problem = error.response();
        let headers = [
            ("content-type", problem.content_type.to_owned()),
            (
                "retry-after",
                problem.retry_after.unwrap_or_default().to_string(),
            ),
        ];
        let mut response = (headers, problem.body).into_response();
        if let Ok(status) = problem.status.try_into() {
            *response.status_mut() = status;
        }
        response.extensions_mut().insert(error);
        response
    }
}

#[cfg(feature = "actix")]
impl actix_web::ResponseError for TransactionError {
    fn error_response(&self) -> actix_web::HttpResponse {
        let error = self.answer();
        let problem = error.response();
        let mut response = actix_web::HttpResponse::ServiceUnavailable()
            .insert_header(("content-type", problem.content_type))
            .insert_header(("retry-after", problem.retry_after.unwrap_or_default()))
            .body(problem.body);
        if let Ok(status) = problem.status.try_into() {
            response.head_mut().status = status;
        }
        response.extensions_mut().insert(error);
        response
    }
}
