use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use bytes::Bytes;
use nano_webhook_core::WebhookError;

pub(crate) fn status(error: &WebhookError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The documented answer to an error, field by field as core gives it.
pub(crate) fn problem(error: &WebhookError) -> HttpResponse {
    let problem = error.response();
    let body = Bytes::from_static(problem.body.as_bytes());
    let mut response = HttpResponse::with_body(status(error), BoxBody::new(body));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(problem.content_type),
    );
    response
}

/// What every answer to an error carries, whoever wrote it: the error for outer
/// layers, the headers that go with its status, and on HTTP/1 the end of a
/// connection whose body stays unread. actix writes no `Connection` header on
/// HTTP/2.
pub(crate) fn finish(
    error: &WebhookError,
    unread: Payload,
    mut response: HttpResponse,
) -> HttpResponse {
    response.extensions_mut().insert(error.clone());
    let problem = error.response();
    let same_status = response.status() == status(error);
    let headers = response.headers_mut();
    if same_status
        && let Some(challenge) = problem.www_authenticate
        && !headers.contains_key(header::WWW_AUTHENTICATE)
    {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static(challenge),
        );
    }
    if same_status
        && let Some(seconds) = problem.retry_after
        && !headers.contains_key(header::RETRY_AFTER)
    {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if !problem.close {
        return response;
    }
    response
        .head_mut()
        .set_connection_type(ConnectionType::Close);
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

/// An answer that goes out before the request's body came in.
///
/// actix closes such a connection, but a chunked body whose payload was dropped
/// it reads to its end first, however long that takes, without any timeout. So
/// the payload lives as long as the answer.
struct AnswerBeforeBody {
    answer: BoxBody,
    _unread: Payload,
}

impl MessageBody for AnswerBeforeBody {
    type Error = Box<dyn Error>;

    /// A box would drop what says that it has no body at all.
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
