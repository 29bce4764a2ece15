use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::task::Poll;

use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage as _, HttpResponse, rt};
use futures_util::FutureExt as _;
use nano_webhook_core::adapter::{Claimed, delivery_span};
use nano_webhook_core::dedupe::{Dedupe, Outcome};
use nano_webhook_core::{Delivery, WebhookError};
use tracing::Instrument as _;

use crate::answer::WebhookRejection;
use crate::config::WebhookConfig;
use crate::middleware::reject;

type Answer<B> = Result<ServiceResponse<EitherBody<B>>, Error>;

/// In a request's extensions: a middleware further out has decided that the
/// delivery is handled.
struct OuterClaim;

/// Calls the inner service with a verified request, unless its delivery was
/// handled before or is being handled.
pub(crate) async fn handle_once<S, B>(
    dedupe: Dedupe,
    config: WebhookConfig,
    inner: Rc<S>,
    request: ServiceRequest,
) -> Answer<B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    let delivery = {
        let extensions = request.extensions();
        let delivery = extensions.get::<Delivery>().cloned();
        delivery.filter(|_| !extensions.contains::<OuterClaim>())
    };
    let Some(delivery) = delivery else {
        return Ok(inner.call(request).await?.map_into_left_body());
    };
    let claim = dedupe.claim(&delivery, rt::time::sleep);
    let work = async move {
        let claim = match claim.await {
            Claimed::Held(claim) => claim,
            Claimed::Duplicate(outcome) => {
                let response = request.into_response(HttpResponse::Ok().finish());
                return Ok(with(response.map_into_right_body(), outcome));
            }
            Claimed::Rejected(error) => return Ok(reject(&config, error, request)),
        };
        request.extensions_mut().insert(OuterClaim);
        if let Some(lease) = claim.lease() {
            request.extensions_mut().insert(lease);
        }
        // A call may panic before it returns a future.
        let handled = claim
            .run(async move { inner.call(request).await }, completes)
            .await;
        if let Some(settling) = handled.settling {
            rt::spawn(settling.into_future());
        }
        let outcome = handled.outcome;
        let failed = match handled.output {
            Ok(Ok(response)) => return Ok(with(response.map_into_left_body(), outcome)),
            Ok(Err(error)) => error,
            Err(error) => WebhookRejection::from(error).into(),
        };
        Err(with_error(failed, outcome))
    };
    match run_to_end(work.instrument(delivery_span(&delivery))).await {
        Some(answer) => answer,
        None => Err(WebhookRejection::from(WebhookError::handler_failed()).into()),
    }
}

fn with<B>(mut response: ServiceResponse<B>, outcome: Outcome) -> ServiceResponse<B> {
    response.response_mut().extensions_mut().insert(outcome);
    response
}

fn with_error(mut error: Error, outcome: Outcome) -> Error {
    error.add_response_mapper(move |mut response| {
        response.extensions_mut().insert(outcome);
        response
    });
    error
}

/// What the sender sees decides: a 2xx status.
fn completes<B>(answer: &Result<ServiceResponse<B>, Error>) -> bool {
    match answer {
        Ok(response) => response.status().is_success(),
        Err(error) => error.as_response_error().status_code().is_success(),
    }
}

/// Polls the work once, and spawns what is still pending, so that a client that
/// disconnects does not cancel it. None if the task panicked or was cancelled.
async fn run_to_end<T: 'static>(work: impl Future<Output = T> + 'static) -> Option<T> {
    let mut work = Box::pin(AssertUnwindSafe(work).catch_unwind());
    let first = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
    match first {
        Poll::Ready(output) => output.ok(),
        Poll::Pending => rt::spawn(work).await.ok()?.ok(),
    }
}
