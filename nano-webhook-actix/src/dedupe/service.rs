use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, forward_ready};
use actix_web::{Error, rt};
use pin_project_lite::pin_project;
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::DedupeMiddleware;
use super::handler::{Answer, Handler};
use crate::receiving::Receiving;

/// The service of a [`DedupeMiddleware`].
pub struct DedupeService<S> {
    pub(super) inner: Rc<S>,
    pub(super) middleware: DedupeMiddleware,
}

impl<S, B> Service<ServiceRequest> for DedupeService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = DedupeFuture<S, B>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> DedupeFuture<S, B> {
        DedupeFuture {
            state: State::Receiving {
                receiving: Receiving::start(&self.middleware.config, request),
                handler: Some(Handler {
                    inner: Rc::clone(&self.inner),
                    middleware: self.middleware.clone(),
                }),
            },
        }
    }
}

impl<S> fmt::Debug for DedupeService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DedupeService")
            .field("middleware", &self.middleware)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of a [`DedupeService`].
    #[must_use = "futures do nothing unless polled"]
    pub struct DedupeFuture<S, B> {
        #[pin]
        state: State<S, B>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B> {
        Receiving { receiving: Receiving, handler: Option<Handler<S>> },
        Handling { #[pin] task: JoinHandle<Answer<B>> },
    }
}

impl<S, B> Future for DedupeFuture<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Output = Answer<B>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let task = match state.as_mut().project() {
                StateProjection::Receiving { receiving, handler } => {
                    match (ready!(receiving.poll(context)), handler.take()) {
                        (Ok(verified), Some(handler)) => {
                            rt::spawn(handler.run(verified).in_current_span())
                        }
                        (Err(refused), _) => {
                            return Poll::Ready(Ok(refused.map_into_right_body()));
                        }
                        (Ok(_), None) => return Poll::Pending,
                    }
                }
                StateProjection::Handling { task } => {
                    return match ready!(task.poll(context)) {
                        Ok(answer) => Poll::Ready(answer),
                        Err(ended) => match ended.try_into_panic() {
                            Ok(panic) => resume_unwind(panic),
                            // The worker is shutting down, and this task with it.
                            Err(_) => Poll::Pending,
                        },
                    };
                }
            };
            state.set(State::Handling { task });
        }
    }
}
