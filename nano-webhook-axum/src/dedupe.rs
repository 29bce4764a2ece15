use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response, Version, request};
use http_body::Body;
use nano_webhook_core::dedupe::{Dedupe, InFlight, LeaseHandle, Outcome, Processed};
use nano_webhook_core::{ConfigError, Delivery, WebhookError};
use pin_project_lite::pin_project;
use tokio::task::JoinHandle;
use tower_layer::Layer;
use tower_service::Service;
use tracing::Instrument as _;

use crate::body::VerifiedBody;
use crate::layer::WebhookLayer;
use crate::receive::Receive;
use crate::rejection::Rejections;
use crate::response::ResponseBody;
use crate::service::verified_request;

/// A [`WebhookLayer`] that handles each delivery once. Made by
/// [`WebhookLayer::dedupe`].
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
/// It runs in a task of its own, so a client that hangs up does not cut it off.
/// Hence the bounds: the inner service and its future are `Send + 'static`, and
/// there must be a tokio runtime. Use [`in_flight`](Self::in_flight) to wait for
/// such handlers at a shutdown.
///
/// # What goes with it
///
/// The handler finds a [`LeaseHandle`] in the request's extensions, unless it runs
/// without a claim ([`Dedupe::fail_open`]): take an
/// `Option<Extension<LeaseHandle>>`. The response has the [`Outcome`] in its
/// extensions. The handler's task has the request's tracing span, but not its
/// task-local values.
///
/// ```
/// use axum::{Router, http::StatusCode, routing::post};
/// use nano_webhook_axum::core::dedupe::MemoryStore;
/// use nano_webhook_axum::{Secret, Verifier, Webhook, WebhookLayer};
///
/// let verifier = Verifier::new(Secret::new("your-secret-key-of-some-length")?);
/// let webhooks = WebhookLayer::new(verifier).dedupe(MemoryStore::default())?;
/// let in_flight = webhooks.in_flight();
///
/// let app: Router = Router::new().route(
///     "/webhook",
///     post(async |Webhook(event): Webhook| StatusCode::OK).layer(webhooks),
/// );
/// # let _ = in_flight;
/// # Ok::<(), nano_webhook_axum::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct DedupeLayer {
    layer: WebhookLayer,
    dedupe: Dedupe,
}

impl DedupeLayer {
    pub(crate) fn new(layer: WebhookLayer, dedupe: Dedupe) -> Result<Self, ConfigError> {
        dedupe.validate(layer.verifier.replay_window())?;
        Ok(Self { layer, dedupe })
    }

    /// As [`WebhookLayer::on_rejection`].
    pub fn on_rejection(
        mut self,
        hook: impl Fn(&WebhookError) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.layer = self.layer.on_rejection(hook);
        self
    }

    /// What is being handled at this moment, to wait for at a shutdown.
    #[must_use]
    pub fn in_flight(&self) -> InFlight {
        self.dedupe.in_flight()
    }
}

impl<S> Layer<S> for DedupeLayer {
    type Service = DedupeService<S>;

    fn layer(&self, inner: S) -> DedupeService<S> {
        DedupeService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service of a [`DedupeLayer`].
#[derive(Clone, Debug)]
pub struct DedupeService<S> {
    inner: S,
    layer: DedupeLayer,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for DedupeService<S>
where
    S: Service<Request<VerifiedBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    ReqBody: Body,
    ReqBody::Error: Into<Box<dyn Error + Send + Sync>>,
    ResBody: Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = DedupeFuture<S, ReqBody, ResBody>;

    /// Always ready: the inner service is not asked before the claim.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (head, body) = request.into_parts();
        let version = head.version;
        let state = match self.layer.layer.begin(&head) {
            Ok(verification) => State::Receiving {
                receive: Receive::new(verification, body),
                handler: Some(Handler {
                    inner: self.inner.clone(),
                    head,
                    dedupe: self.layer.dedupe.clone(),
                }),
            },
            Err(error) => State::Refused { error: Some(error) },
        };
        DedupeFuture {
            version,
            rejections: self.layer.layer.rejections.clone(),
            state,
        }
    }
}

/// What is needed to handle a delivery once it is verified.
struct Handler<S> {
    inner: S,
    head: request::Parts,
    dedupe: Dedupe,
}

impl<S, ResBody> Handler<S>
where
    S: Service<Request<VerifiedBody>, Response = Response<ResBody>>,
{
    async fn run(self, delivery: Delivery) -> Processed<Result<Response<ResBody>, S::Error>> {
        let Self {
            mut inner,
            head,
            dedupe,
        } = self;
        let handle = async |lease: Option<LeaseHandle>| {
            let mut request = verified_request(head, delivery.clone());
            if let Some(lease) = lease {
                request.extensions_mut().insert(lease);
            }
            std::future::poll_fn(|context| inner.poll_ready(context)).await?;
            inner.call(request).await
        };
        dedupe
            .process(&delivery, tokio::time::sleep, handle, |answer| {
                answer
                    .as_ref()
                    .is_ok_and(|response| response.status().is_success())
            })
            .await
    }
}

pin_project! {
    /// The future of a [`DedupeService`].
    pub struct DedupeFuture<S, ReqBody, ResBody>
    where
        S: Service<Request<VerifiedBody>>,
    {
        version: Version,
        rejections: Rejections,
        #[pin]
        state: State<S, ReqBody, ResBody, S::Error>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, ReqBody, ResBody, E> {
        Refused { error: Option<WebhookError> },
        Receiving { #[pin] receive: Receive<ReqBody>, handler: Option<Handler<S>> },
        Handling { #[pin] task: JoinHandle<Processed<Result<Response<ResBody>, E>>> },
    }
}

impl<S, ReqBody, ResBody> Future for DedupeFuture<S, ReqBody, ResBody>
where
    S: Service<Request<VerifiedBody>, Response = Response<ResBody>> + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    ReqBody: Body,
    ReqBody::Error: Into<Box<dyn Error + Send + Sync>>,
    ResBody: Body<Data = Bytes> + Send + 'static,
{
    type Output = Result<Response<ResponseBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProjection::Refused { error } => {
                    return match error.take() {
                        Some(error) => {
                            Poll::Ready(Ok(this.rejections.answer(error, *this.version)))
                        }
                        None => Poll::Pending,
                    };
                }
                StateProjection::Receiving { receive, handler } => {
                    match (ready!(receive.poll(context)), handler.take()) {
                        (Ok(delivery), Some(handler)) => State::Handling {
                            task: tokio::spawn(handler.run(delivery).in_current_span()),
                        },
                        (Err(error), _) => State::Refused { error: Some(error) },
                        (Ok(_), None) => return Poll::Pending,
                    }
                }
                StateProjection::Handling { task } => {
                    return Poll::Ready(match ready!(task.poll(context)) {
                        Ok(processed) => answer(processed, this.rejections, *this.version),
                        Err(ended) => match ended.try_into_panic() {
                            Ok(panic) => std::panic::resume_unwind(panic),
                            // The runtime is shutting down, and this task with it.
                            Err(_) => return Poll::Pending,
                        },
                    });
                }
            };
            this.state.set(next);
        }
    }
}

fn answer<ResBody, E>(
    processed: Processed<Result<Response<ResBody>, E>>,
    rejections: &Rejections,
    version: Version,
) -> Result<Response<ResponseBody<ResBody>>, E> {
    let outcome = processed.outcome();
    let mut response = match processed {
        Processed::Handled { output, .. } => output?.map(ResponseBody::inner),
        Processed::Duplicate => Response::new(ResponseBody::refusal(Bytes::new())),
        Processed::Refused(error) => rejections.answer(error, version),
    };
    if let Some(outcome) = outcome {
        response.extensions_mut().insert::<Outcome>(outcome);
    }
    Ok(response)
}
