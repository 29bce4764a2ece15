use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::task::Poll;

use axum_core::body::Body;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Request, Response};
use nano_webhook_core::adapter::{Claimed, delivery_span};
use nano_webhook_core::dedupe::{Dedupe, Outcome};
use nano_webhook_core::{Delivery, WebhookError};
use tower_service::Service;
use tracing::Instrument as _;

use crate::answer::{Rejections, problem};
use crate::layer::{BoxError, call};

/// In a request's extensions: a layer further out has decided that the delivery is
/// handled.
#[derive(Clone)]
struct OuterClaim;

/// Calls the inner service with a verified request, unless its delivery was
/// handled before or is being handled.
pub(crate) async fn handle_once<S, ResBody>(
    dedupe: &Dedupe,
    rejections: &Rejections,
    inner: S,
    request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<ResBody>> + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    ResBody: http_body::Body<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    let extensions = request.extensions();
    let delivery = extensions.get::<Delivery>().cloned();
    let (Some(delivery), None) = (delivery, extensions.get::<OuterClaim>()) else {
        return call(inner, request).await;
    };
    let version = request.version();
    let rejections = rejections.clone();
    let claim = dedupe.claim(&delivery, tokio::time::sleep);
    let work = async move {
        let (mut head, body) = request.into_parts();
        let claim = match claim.await {
            Claimed::Held(claim) => claim,
            Claimed::Duplicate(outcome) => return Ok(with(Response::default(), outcome)),
            Claimed::Rejected(error) => return Ok(rejections.respond(error, &head)),
        };
        head.extensions.insert(OuterClaim);
        if let Some(lease) = claim.lease() {
            head.extensions.insert(lease);
        }
        let request = Request::from_parts(head, body);
        let handled = claim.run(call(inner, request), completes).await;
        if let Some(settling) = handled.settling {
            tokio::spawn(settling.into_future());
        }
        let response = match handled.output {
            Ok(answer) => answer?,
            Err(error) => problem(error, version),
        };
        Ok(with(response, handled.outcome))
    };
    match run_to_end(work.instrument(delivery_span(&delivery))).await {
        Some(answer) => answer,
        None => Ok(problem(WebhookError::handler_failed(), version)),
    }
}

fn with(mut response: Response<Body>, outcome: Outcome) -> Response<Body> {
    response.extensions_mut().insert(outcome);
    response
}

fn completes<E>(answer: &Result<Response<Body>, E>) -> bool {
    (answer.as_ref()).is_ok_and(|response| response.status().is_success())
}

/// Polls the work once, and spawns what is still pending, so that a client that
/// disconnects does not cancel it. None if the task panicked or was cancelled.
async fn run_to_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    let mut work = Box::pin(AssertUnwindSafe(work).catch_unwind());
    let first = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
    match first {
        Poll::Ready(output) => output.ok(),
        Poll::Pending => tokio::spawn(work).await.ok()?.ok(),
    }
}
