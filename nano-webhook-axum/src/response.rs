use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, Version, header};
use http_body::{Body, Frame, SizeHint};
use nano_webhook_core::WebhookError;
use pin_project_lite::pin_project;

pin_project! {
    /// The body of an answer: the inner service's, or a refusal's.
    #[derive(Debug)]
    #[project = Projected]
    pub struct ResponseBody<B> {
        #[pin]
        state: State<B>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = ProjectedState]
    enum State<B> {
        Inner { #[pin] body: B },
        Refusal { body: Bytes },
    }
}

impl<B> ResponseBody<B> {
    pub(crate) fn inner(body: B) -> Self {
        Self {
            state: State::Inner { body },
        }
    }

    pub(crate) fn refusal(body: Bytes) -> Self {
        Self {
            state: State::Refusal { body },
        }
    }
}

impl<B: Body<Data = Bytes>> Body for ResponseBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().state.project() {
            ProjectedState::Inner { body } => body.poll_frame(context),
            ProjectedState::Refusal { body } => {
                let body = std::mem::take(body);
                Poll::Ready((!body.is_empty()).then(|| Ok(Frame::data(body))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Inner { body } => body.is_end_stream(),
            State::Refusal { body } => body.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            State::Inner { body } => body.size_hint(),
            State::Refusal { body } => SizeHint::with_exact(body.len() as u64),
        }
    }
}

/// The documented answer to an error, field by field as core gives it.
pub(crate) fn problem(error: &WebhookError) -> Response<Bytes> {
    let problem = error.response();
    let mut response = Response::new(Bytes::from_static(problem.body.as_bytes()));
    *response.status_mut() =
        StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(problem.content_type),
    );
    response
}

/// What every answer to an error carries, whoever wrote it: the error for outer
/// layers, the headers that go with its status, and on HTTP/1 the end of a
/// connection whose body stays unread.
pub(crate) fn finish<B>(error: WebhookError, version: Version, response: &mut Response<B>) {
    let problem = error.response();
    let same_status = response.status() == problem.status;
    let headers = response.headers_mut();
    if same_status && let Some(challenge) = problem.www_authenticate {
        (headers.entry(header::WWW_AUTHENTICATE)).or_insert(HeaderValue::from_static(challenge));
    }
    if same_status && let Some(seconds) = problem.retry_after {
        (headers.entry(header::RETRY_AFTER)).or_insert(HeaderValue::from(seconds));
    }
    if problem.close && version <= Version::HTTP_11 {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response.extensions_mut().insert(error);
}
