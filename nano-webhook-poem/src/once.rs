use std::sync::Arc;

use nano_webhook_core::Delivery;
use nano_webhook_core::adapter::{Claimed, OuterClaim, run_to_end};
use nano_webhook_core::dedupe::{Dedupe, Outcome};
use poem::{Endpoint, IntoResponse as _, Request, Response, Result};
use tracing::Instrument as _;

use crate::answer::WebhookRejection;

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
            Claimed::Rejected(error, settling) => {
                if let Some(settling) = settling {
                    tokio::spawn(settling.into_future());
                }
                return Err(WebhookRejection::of(error, version));
            }
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
    let answer = run_to_end(work.in_current_span(), tokio::spawn).await;
    answer.unwrap_or_else(|error| Err(WebhookRejection::from(error).into()))
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
