use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::Poll;

use futures_util::FutureExt as _;
use nano_webhook_core::adapter::Claimed;
use nano_webhook_core::dedupe::{Dedupe, Outcome};
use nano_webhook_core::{Delivery, WebhookError};
use poem::{Endpoint, IntoResponse as _, Request, Response, Result};
use tracing::Instrument as _;

use crate::answer::WebhookRejection;

/// In a request's extensions: a middleware further out has decided that the delivery is
/// handled.
#[derive(Clone)]
struct OuterClaim;

/// Calls the inner endpoint with a verified request, unless its delivery was handled
/// before or is being handled.
pub(crate) async fn handle_once<E: Endpoint + 'static>(
    dedupe: &Dedupe,
    inner: Arc<E>,
    mut request: Request,
) -> Result<Response> {
    let delivery = request.data::<Delivery>().cloned();
    let (Some(delivery), None) = (delivery, request.data::<OuterClaim>()) else {
        return call(inner, request).await;
    };
    let version = request.version();
    let claim = dedupe.claim(&delivery, tokio::time::sleep);
    let work = async move {
        let claim = match claim.await {
            Claimed::Held(claim) => claim,
            Claimed::Duplicate(outcome) => return with(Ok(Response::default()), outcome),
            Claimed::Rejected(error) => return Err(WebhookRejection::of(error, version)),
        };
        request.set_data(OuterClaim);
        if let Some(lease) = claim.lease() {
            request.set_data(lease);
        }
        let handled = claim.run(call(inner, request), completes).await;
        if let Some(settling) = handled.settling {
            tokio::spawn(settling.into_future());
        }
        let answer = handled.output.map_err(WebhookRejection::from);
        with(answer.map_err(Into::into).flatten(), handled.outcome)
    };
    match run_to_end(work.in_current_span()).await {
        Some(answer) => answer,
        None => Err(WebhookRejection::from(WebhookError::handler_failed()).into()),
    }
}

pub(crate) async fn call(inner: Arc<impl Endpoint>, request: Request) -> Result<Response> {
    Ok(inner.call(request).await?.into_response())
}

fn with(mut answer: Result<Response>, outcome: Outcome) -> Result<Response> {
    match &mut answer {
        Ok(response) => {
            response.extensions_mut().insert(outcome);
        }
        Err(error) => error.set_data(outcome),
    }
    answer
}

/// What the sender sees decides: a 2xx status.
fn completes(answer: &Result<Response>) -> bool {
    match answer {
        Ok(response) => response.status().is_success(),
        Err(error) => error.status().is_success(),
    }
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
