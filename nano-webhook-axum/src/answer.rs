use std::fmt;
use std::sync::Arc;

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode, Version, header};
use nano_webhook_core::WebhookError;
use nano_webhook_core::adapter::{Answer, reject};

pub(crate) type Hook = Arc<dyn Fn(&WebhookError, &Parts) -> Response + Send + Sync>;

/// Logs the error, and turns it into a response.
pub(crate) fn respond(hook: Option<&Hook>, error: WebhookError, head: &Parts) -> Response {
    let Some(hook) = hook else {
        return problem(error, head.version);
    };
    let answer = reject(&error);
    let response = hook(&error, head);
    finish(error, &answer, head.version, response)
}

/// Logs the error, and turns it into its problem document.
pub(crate) fn problem(error: WebhookError, version: Version) -> Response {
    let answer = reject(&error);
    let mut response = Response::new(Body::from(answer.body()));
    *response.status_mut() =
        StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = HeaderValue::from_static(Answer::CONTENT_TYPE);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    finish(error, &answer, version, response)
}

/// What every response to an error carries: the error for outer layers, the
/// headers that belong to its status, and on HTTP/1 the end of a connection whose
/// body stays unread.
fn finish(
    error: WebhookError,
    answer: &Answer,
    version: Version,
    mut response: Response,
) -> Response {
    let same_status = response.status() == answer.status();
    let headers = response.headers_mut();
    for (name, value) in answer.headers().filter(|_| same_status) {
        if let Ok(value) = HeaderValue::try_from(&*value) {
            let name = HeaderName::from_static(name);
            headers.entry(name).or_insert(value);
        }
    }
    if error.closes_connection() && version <= Version::HTTP_11 {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response.extensions_mut().insert(error);
    response
}

/// An error as the answer of a handler or an extractor.
///
/// [`Webhook`](crate::Webhook) rejects with it, and a handler can return it: for
/// [`WebhookError::retry_later`], or with `?` for any error that converts into a
/// [`WebhookError`].
///
/// ```
/// use std::time::Duration;
///
/// use axum::http::StatusCode;
/// use nano_webhook_axum::{Webhook, WebhookError, WebhookRejection};
///
/// async fn on_event(Webhook(event): Webhook) -> Result<StatusCode, WebhookRejection> {
///     if event.task_id() == Some("task_unknown_to_us_yet") {
///         return Err(WebhookError::retry_later(Duration::from_secs(30)).into());
///     }
///     Ok(StatusCode::OK)
/// }
/// # let _ = on_event;
/// ```
#[derive(Clone, Debug)]
pub struct WebhookRejection {
    error: WebhookError,
    version: Version,
}

impl WebhookRejection {
    /// Of a request whose body is unread.
    pub(crate) fn unread(error: WebhookError, version: Version) -> Self {
        Self { error, version }
    }

    /// The error, as in the log.
    #[must_use]
    pub fn error(&self) -> &WebhookError {
        &self.error
    }
}

impl<E: Into<WebhookError>> From<E> for WebhookRejection {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            // The handler has the body: no connection ends with its answer.
            version: Version::HTTP_2,
        }
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        problem(self.error, self.version)
    }
}
