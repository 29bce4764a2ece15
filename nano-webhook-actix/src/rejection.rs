use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use nano_webhook_core::WebhookError;

use crate::response::{finish, problem, status};

pub(crate) type Hook = dyn Fn(&WebhookError, &HttpRequest) -> HttpResponse + Send + Sync;

/// Why a request is refused, and what of its body nobody has read.
pub(crate) struct Refusal {
    error: WebhookError,
    unread: Payload,
}

impl Refusal {
    /// Made once for each request that is refused, so this writes the log.
    pub(crate) fn new(error: WebhookError, unread: Payload) -> Self {
        error.log();
        Self { error, unread }
    }

    /// For a request of which nothing is left to read.
    pub(crate) fn after_body(error: WebhookError) -> Self {
        Self::new(error, Payload::None)
    }

    /// The payload goes to the first who asks.
    pub(crate) fn take(&mut self) -> Self {
        Self {
            error: self.error.clone(),
            unread: self.unread.take(),
        }
    }
}

/// How refused requests are answered.
#[derive(Clone, Default)]
pub(crate) struct Rejections(Option<Arc<Hook>>);

impl Rejections {
    pub(crate) fn new(hook: Arc<Hook>) -> Self {
        Self(Some(hook))
    }

    pub(crate) fn reject(&self, refusal: Refusal, request: &HttpRequest) -> WebhookRejection {
        let Refusal { error, unread } = refusal;
        WebhookRejection {
            custom: RefCell::new(self.0.as_ref().map(|hook| hook(&error, request))),
            unread: RefCell::new(unread),
            error,
        }
    }
}

impl fmt::Debug for Rejections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(_) => "custom",
            None => "problem documents",
        })
    }
}

/// The refusal of a request, as actix passes it on.
///
/// Its answer is the problem document that core gives, or what
/// [`on_rejection`](crate::WebhookConfig::on_rejection) made of the error.
///
/// Outer middleware has two ways to it: `response.error()` and
/// `as_error::<WebhookRejection>()`, or the [`WebhookError`] in the response's
/// extensions.
pub struct WebhookRejection {
    error: WebhookError,
    custom: RefCell<Option<HttpResponse>>,
    unread: RefCell<Payload>,
}

impl WebhookRejection {
    /// The error, as in the log.
    #[must_use]
    pub fn error(&self) -> &WebhookError {
        &self.error
    }
}

impl ResponseError for WebhookRejection {
    fn status_code(&self) -> StatusCode {
        match &*self.custom.borrow() {
            Some(answer) => answer.status(),
            None => status(&self.error),
        }
    }

    fn error_response(&self) -> HttpResponse {
        let custom = self.custom.borrow_mut().take();
        let answer = custom.unwrap_or_else(|| problem(&self.error));
        finish(&self.error, self.unread.borrow_mut().take(), answer)
    }
}

impl fmt::Debug for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WebhookRejection")
            .field(&self.error)
            .finish()
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
