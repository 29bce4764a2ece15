use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, forward_ready};
use pin_project_lite::pin_project;

use crate::config::WebhookConfig;
use crate::receiving::Receiving;

/// The service of a [`WebhookMiddleware`](crate::WebhookMiddleware).
pub struct WebhookService<S> {
    pub(crate) inner: Rc<S>,
    pub(crate) config: WebhookConfig,
}

impl<S, B> Service<ServiceRequest> for WebhookService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> ResponseFuture<S> {
        ResponseFuture {
            state: State::Receiving {
                receiving: Receiving::start(&self.config, request),
                inner: Rc::clone(&self.inner),
            },
        }
    }
}

impl<S> fmt::Debug for WebhookService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookService")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of a [`WebhookService`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S>
    where
        S: Service<ServiceRequest>,
    {
        #[pin]
        state: State<S, S::Future>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, F> {
        Receiving { receiving: Receiving, inner: Rc<S> },
        Calling { #[pin] future: F },
    }
}

impl<S, B> Future for ResponseFuture<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Receiving { receiving, inner } => {
                    match ready!(receiving.poll(context)) {
                        Ok(verified) => inner.call(verified.into_request()),
                        Err(refused) => {
                            return Poll::Ready(Ok(refused.map_into_right_body()));
                        }
                    }
                }
                StateProjection::Calling { future } => {
                    let answer = ready!(future.poll(context))?;
                    return Poll::Ready(Ok(answer.map_into_left_body()));
                }
            };
            state.set(State::Calling { future: next });
        }
    }
}
