use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header, request};
use http_body::Body;
use nano_webhook_core::{Delivery, HeaderField, WebhookError};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::body::VerifiedBody;
use crate::layer::WebhookLayer;
use crate::receive::Receive;
use crate::rejection::Rejections;
use crate::response::ResponseBody;

/// The service of a [`WebhookLayer`].
#[derive(Clone, Debug)]
pub struct WebhookService<S> {
    pub(crate) inner: S,
    pub(crate) layer: WebhookLayer,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for WebhookService<S>
where
    S: Service<Request<VerifiedBody>, Response = Response<ResBody>> + Clone,
    ReqBody: Body,
    ReqBody::Error: Into<Box<dyn Error + Send + Sync>>,
    ResBody: Body<Data = Bytes>,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, ReqBody>;

    /// Always ready: the inner service is not asked before the verdict.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (head, body) = request.into_parts();
        let state = match self.layer.begin(&head) {
            Ok(verification) => State::Receiving {
                receive: Receive::new(verification, body),
                inner: Some(self.inner.clone()),
            },
            Err(error) => State::Refused { error: Some(error) },
        };
        ResponseFuture {
            head: Some(head),
            rejections: self.layer.rejections.clone(),
            state,
        }
    }
}

/// The request that the inner service gets.
pub(crate) fn verified_request(
    mut head: request::Parts,
    delivery: Delivery,
) -> Request<VerifiedBody> {
    let body = VerifiedBody::new(delivery.body().clone());
    // A re-serialised body is not as long as what came.
    if let Some(length) = head.headers.get_mut(header::CONTENT_LENGTH) {
        *length = HeaderValue::from(delivery.body().len());
    }
    // It is as good as the delivery until the window has passed: not for logs.
    if let Some(signature) = head.headers.get_mut(HeaderField::Signature.name()) {
        signature.set_sensitive(true);
    }
    head.extensions.insert(delivery);
    Request::from_parts(head, body)
}

pin_project! {
    /// The future of a [`WebhookService`].
    pub struct ResponseFuture<S, ReqBody>
    where
        S: Service<Request<VerifiedBody>>,
    {
        head: Option<request::Parts>,
        rejections: Rejections,
        #[pin]
        state: State<S, ReqBody>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, ReqBody>
    where
        S: Service<Request<VerifiedBody>>,
    {
        Refused { error: Option<WebhookError> },
        Receiving { #[pin] receive: Receive<ReqBody>, inner: Option<S> },
        Ready { inner: S, delivery: Option<Delivery> },
        Calling { #[pin] future: S::Future },
    }
}

impl<S, ReqBody, ResBody> Future for ResponseFuture<S, ReqBody>
where
    S: Service<Request<VerifiedBody>, Response = Response<ResBody>>,
    ReqBody: Body,
    ReqBody::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Output = Result<Response<ResponseBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProjection::Refused { error } => {
                    let (Some(error), Some(head)) = (error.take(), this.head.take()) else {
                        return Poll::Pending;
                    };
                    return Poll::Ready(Ok(this.rejections.answer(error, head.version)));
                }
                StateProjection::Receiving { receive, inner } => {
                    match (ready!(receive.poll(context)), inner.take()) {
                        (Ok(delivery), Some(inner)) => State::Ready {
                            inner,
                            delivery: Some(delivery),
                        },
                        (Err(error), _) => State::Refused { error: Some(error) },
                        (Ok(_), None) => return Poll::Pending,
                    }
                }
                StateProjection::Ready { inner, delivery } => {
                    ready!(inner.poll_ready(context))?;
                    let (Some(delivery), Some(head)) = (delivery.take(), this.head.take()) else {
                        return Poll::Pending;
                    };
                    State::Calling {
                        future: inner.call(verified_request(head, delivery)),
                    }
                }
                StateProjection::Calling { future } => {
                    let response = ready!(future.poll(context))?;
                    return Poll::Ready(Ok(response.map(ResponseBody::inner)));
                }
            };
            this.state.set(next);
        }
    }
}
