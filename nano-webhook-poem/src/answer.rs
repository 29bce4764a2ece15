use std::error::Error;
use std::fmt;

use nano_webhook_core::WebhookError;
use nano_webhook_core::adapter::{Answer, reject};
use poem::error::ResponseError;
use poem::http::{HeaderName, HeaderValue, StatusCode, Version, header};
use poem::{Body, Response};

/// A rejected request as poem's error.
///
/// The middleware and [`Webhook`](crate::Webhook) reject with it, and a handler can
/// return it: for [`WebhookError::retry_later`], or with `?` for any error that
/// converts into a [`WebhookError`].
///
/// It is answered with a problem document, and logged when it is. To answer in your
/// own format, catch it (`EndpointExt::catch_error`) outside the middleware; the
/// headers of [`WebhookError::answer`] belong to the status.
///
/// ```
/// use std::time::Duration;
///
/// use nano_webhook_poem::{Webhook, WebhookError, WebhookRejection};
/// use poem::{handler, http::StatusCode};
///
/// #[handler]
/// async fn on_event(Webhook(event): Webhook) -> poem::Result<StatusCode> {
///     if event.task_id() == Some("task_unknown_to_us_yet") {
///         let error = WebhookError::retry_later(Duration::from_secs(30));
///         return Err(WebhookRejection::from(error).into());
///     }
///     Ok(StatusCode::OK)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct WebhookRejection {
    error: WebhookError,
    closes_connection: bool,
}

impl WebhookRejection {
    /// Of a request whose body may be unread.
    pub(crate) fn of(error: WebhookError, version: Version) -> poem::Error {
        let closes_connection = error.closes_connection() && version <= Version::HTTP_11;
        Self {
            error,
            closes_connection,
        }
        .into()
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
            closes_connection: false,
        }
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

impl ResponseError for WebhookRejection {
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn as_response(&self) -> Response {
        let answer = reject(&self.error);
        let mut response = Response::builder()
            .status(self.status())
            .content_type(Answer::CONTENT_TYPE)
            .body(Body::from(answer.body()));
        let headers = response.headers_mut();
        for (name, value) in answer.headers() {
            if let Ok(value) = HeaderValue::try_from(&*value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        if self.closes_connection {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
