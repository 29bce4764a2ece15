use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use bytes::Bytes;
use nano_webhook_core::WebhookError;
use nano_webhook_core::adapter::{Answer, reject};

/// An error, and the unread part of the request's body. Several extractors of one
/// request may answer with it; the first answer keeps the payload.
#[derive(Clone)]
pub(crate) struct Rejected {
    pub(crate) error: WebhookError,
    unread: Rc<RefCell<Payload>>,
}

impl Rejected {
    pub(crate) fn new(error: WebhookError, unread: Payload) -> Self {
        Self {
            error,
            unread: Rc::new(RefCell::new(unread)),
        }
    }
}

/// Body errors and the like after which nothing is left to read.
impl From<WebhookError> for Rejected {
    fn from(error: WebhookError) -> Self {
        Self::new(error, Payload::None)
    }
}

/// An error as the answer of an extractor, a middleware or a handler.
///
/// Its answer is the problem document that core gives, or the response of
/// [`on_rejection`](crate::WebhookConfig::on_rejection). Outer middleware finds it
/// by `response.error()` and `as_error::<WebhookRejection>()`, or finds the
/// [`WebhookError`] in the response's extensions. It is logged when it is answered.
///
/// A handler can return it: for [`WebhookError::retry_later`], or with `?` for any
/// error that converts into a [`WebhookError`].
///
/// ```
/// use std::time::Duration;
///
/// use actix_web::HttpResponse;
/// use nano_webhook_actix::{Webhook, WebhookError, WebhookRejection};
///
/// async fn on_event(Webhook(event): Webhook) -> Result<HttpResponse, WebhookRejection> {
///     if event.task_id() == Some("task_unknown_to_us_yet") {
///         return Err(WebhookError::retry_later(Duration::from_secs(30)).into());
///     }
///     Ok(HttpResponse::Ok().finish())
/// }
/// # let _ = on_event;
/// ```
pub struct WebhookRejection {
    rejected: Rejected,
    custom: RefCell<Option<HttpResponse>>,
}

impl WebhookRejection {
    pub(crate) fn new(rejected: Rejected, custom: Option<HttpResponse>) -> Self {
        Self {
            rejected,
            custom: RefCell::new(custom),
        }
    }

    /// The error.
    #[must_use]
    pub fn error(&self) -> &WebhookError {
        &self.rejected.error
    }
}

impl<E: Into<WebhookError>> From<E> for WebhookRejection {
    fn from(error: E) -> Self {
        Self::new(error.into().into(), None)
    }
}

impl ResponseError for WebhookRejection {
    fn status_code(&self) -> StatusCode {
        match &*self.custom.borrow() {
            Some(response) => response.status(),
            None => status(&self.error().answer()),
        }
    }

    fn error_response(&self) -> HttpResponse {
        let Rejected { error, unread } = &self.rejected;
        let answer = reject(error);
        let custom = self.custom.borrow_mut().take();
        let response = custom.unwrap_or_else(|| problem(&answer));
        finish(error, &answer, unread.borrow_mut().take(), response)
    }
}

impl fmt::Debug for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WebhookRejection")
            .field(self.error())
            .finish()
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error().fmt(f)
    }
}

impl Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error().source()
    }
}

fn status(answer: &Answer) -> StatusCode {
    StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn problem(answer: &Answer) -> HttpResponse {
    let body = BoxBody::new(Bytes::from_static(answer.body().as_bytes()));
    let mut response = HttpResponse::with_body(status(answer), body);
    let content_type = HeaderValue::from_static(Answer::CONTENT_TYPE);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}

/// What every response to an error carries: the error for outer services, the
/// headers that belong to its status, and on HTTP/1 the end of a connection whose
/// body stays unread. actix writes no `Connection` header on HTTP/2.
fn finish(
    error: &WebhookError,
    answer: &Answer,
    unread: Payload,
    mut response: HttpResponse,
) -> HttpResponse {
    response.extensions_mut().insert(error.clone());
    let same_status = response.status() == status(answer);
    let headers = response.headers_mut();
    for (name, value) in answer.headers().filter(|_| same_status) {
        if let Ok(value) = HeaderValue::try_from(&*value)
            && !headers.contains_key(name)
        {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if !error.closes_connection() {
        return response;
    }
    (response.head_mut()).set_connection_type(ConnectionType::Close);
    match unread {
        Payload::None => response,
        unread => response.map_body(|_, body| {
            BoxBody::new(AnswerBeforeBody {
                answer: body,
                _unread: unread,
            })
        }),
    }
}

/// A response that is sent before the request's body was read.
///
/// actix closes such a connection, but a chunked body whose payload was dropped
/// it reads to its end first, without a timeout. So the payload lives as long as
/// the response.
struct AnswerBeforeBody {
    answer: BoxBody,
    _unread: Payload,
}

impl MessageBody for AnswerBeforeBody {
    type Error = Box<dyn Error>;

    /// A box would drop the mark that says that the response has no body at all.
    fn size(&self) -> BodySize {
        match self.answer.size() {
            BodySize::None => BodySize::Sized(0),
            size => size,
        }
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Box<dyn Error>>>> {
        Pin::new(&mut self.answer).poll_next(context)
    }
}
