use std::fmt;
use std::future::{Future, Ready, ready};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::error::ErrorInternalServerError;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse, rt};
use nano_webhook_core::dedupe::{Dedupe, InFlight, LeaseHandle, Outcome, Processed};
use nano_webhook_core::{ConfigError, WebhookError};
use pin_project_lite::pin_project;
use tokio::task::JoinHandle;

use crate::config::WebhookConfig;
use crate::middleware::WebhookMiddleware;
use crate::receiving::{Receiving, Verified, refuse};
use crate::rejection::Refusal;

/// A [`WebhookMiddleware`] that handles each delivery once. Made by
/// [`WebhookMiddleware::dedupe`].
///
/// **Make it outside the `App` factory** and clone it into it: the clones share
/// one store, so all workers do. A store that is made inside the factory is a
/// store for one worker.
///
/// # What the handler's answer means
///
/// A 2xx status completes the delivery: the next one like it is answered 200,
/// and the handler is not called. Any other status, an error or a panic releases
/// it: the next one is handled. A delivery that arrives while the first is being
/// handled is answered 503 with `Retry-After`. The rules are core's, and
/// described in [`nano_webhook_core::dedupe`].
///
/// # The handler runs to its end
///
/// It runs in a task of its own on its worker, so a client that hangs up does not
/// cut it off. The worker's end does. actix stops a worker that has no open
/// connection at once, so at a shutdown wait for [`in_flight`](Self::in_flight)
/// **before** `stop`, with actix's own signal handling turned off:
///
/// ```no_run
/// use std::time::Duration;
///
/// use actix_web::{App, HttpResponse, HttpServer, rt, web};
/// use nano_webhook_actix::core::dedupe::MemoryStore;
/// use nano_webhook_actix::{Secret, Verifier, Webhook, WebhookMiddleware};
///
/// #[actix_web::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let verifier = Verifier::new(Secret::from_env("NANO_WEBHOOK_SECRET")?);
///     let webhooks = WebhookMiddleware::new(verifier).dedupe(MemoryStore::default())?;
///     let in_flight = webhooks.in_flight();
///
///     let server = HttpServer::new(move || {
///         let handler = async |Webhook(event): Webhook| HttpResponse::Ok().finish();
///         App::new().route("/webhook", web::post().to(handler).wrap(webhooks.clone()))
///     })
///     .bind("127.0.0.1:3000")?
///     .disable_signals()
///     .run();
///
///     let handle = server.handle();
///     rt::spawn(async move {
///         let _ = rt::signal::ctrl_c().await;
///         handle.pause().await;
///         let _ = rt::time::timeout(Duration::from_secs(20), in_flight.drained()).await;
///         handle.stop(true).await;
///     });
///     Ok(server.await?)
/// }
/// ```
///
/// # What goes with it
///
/// The handler finds a [`LeaseHandle`] in the request's extensions. The response
/// has the [`Outcome`] in its extensions.
///
/// # Panics
/// The service panics where there is no `LocalSet` for the handler's task. Every
/// `HttpServer` and `#[actix_web::test]` has one, `#[tokio::test]` has not.
#[derive(Clone, Debug)]
#[must_use]
pub struct DedupeMiddleware {
    config: WebhookConfig,
    dedupe: Dedupe,
}

impl DedupeMiddleware {
    pub(crate) fn new(middleware: WebhookMiddleware, dedupe: Dedupe) -> Result<Self, ConfigError> {
        let config = middleware.config;
        dedupe.validate(config.verifier().tolerance())?;
        Ok(Self { config, dedupe })
    }

    /// As [`WebhookConfig::on_rejection`].
    pub fn on_rejection(
        mut self,
        hook: impl Fn(&WebhookError, &HttpRequest) -> HttpResponse + Send + Sync + 'static,
    ) -> Self {
        self.config = self.config.on_rejection(hook);
        self
    }

    /// What is being handled at this moment, on all workers, to wait for at a
    /// shutdown.
    #[must_use]
    pub fn in_flight(&self) -> InFlight {
        self.dedupe.in_flight()
    }
}

impl<S, B> Transform<S, ServiceRequest> for DedupeMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = DedupeService<S>;
    type InitError = ();
    type Future = Ready<Result<DedupeService<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(DedupeService {
            inner: Rc::new(service),
            middleware: self.clone(),
        }))
    }
}

/// The service of a [`DedupeMiddleware`].
pub struct DedupeService<S> {
    inner: Rc<S>,
    middleware: DedupeMiddleware,
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

/// What is needed to handle a delivery once it is verified.
struct Handler<S> {
    inner: Rc<S>,
    middleware: DedupeMiddleware,
}

type Answer<B> = Result<ServiceResponse<EitherBody<B>>, Error>;

impl<S, B> Handler<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    async fn run(self, verified: Verified) -> Answer<B> {
        let Self { inner, middleware } = self;
        let delivery = verified.delivery.clone();
        // Where the handler is not called, its request is needed for the answer.
        let mut verified = Some(verified);
        let handle = async |lease: Option<LeaseHandle>| {
            let request = verified.take().ok_or_else(gone)?.into_request();
            if let Some(lease) = lease {
                request.extensions_mut().insert(lease);
            }
            inner.call(request).await
        };
        let processed = middleware
            .dedupe
            .process(&delivery, rt::time::sleep, handle, succeeded)
            .await;

        let outcome = processed.outcome();
        let mut response = match processed {
            Processed::Handled { output, .. } => output?.map_into_left_body(),
            Processed::Duplicate => {
                let request = verified.ok_or_else(gone)?.request;
                request
                    .into_response(HttpResponse::Ok().finish())
                    .map_into_right_body()
            }
            Processed::Refused(error) => {
                let request = verified.ok_or_else(gone)?.request;
                refuse(&middleware.config, Refusal::after_body(error), request)
                    .map_into_right_body()
            }
        };
        if let Some(outcome) = outcome {
            response
                .response_mut()
                .extensions_mut()
                .insert::<Outcome>(outcome);
        }
        Ok(response)
    }
}

/// What the sender sees decides: a 2xx status.
fn succeeded<B>(answer: &Result<ServiceResponse<B>, Error>) -> bool {
    match answer {
        Ok(response) => response.status().is_success(),
        Err(error) => error.as_response_error().status_code().is_success(),
    }
}

/// Core calls the handler at most once, and gives one answer.
fn gone() -> Error {
    ErrorInternalServerError("the request was handled already")
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
                        (Ok(verified), Some(handler)) => rt::spawn(handler.run(verified)),
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
