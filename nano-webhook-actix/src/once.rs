use std::rc::Rc;

use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage as _, HttpResponse, rt};
use futures_util::FutureExt as _;
use nano_webhook_core::Delivery;
use nano_webhook_core::adapter::{Claimed, HeldClaim, OuterClaim, delivery_span, run_to_end};
use nano_webhook_core::dedupe::{Dedupe, Outcome};
use tracing::Instrument as _;

use crate::answer::WebhookRejection;
use crate::config::WebhookConfig;
use crate::middleware::reject;

type Answer<B> = Result<ServiceResponse<EitherBody<B>>, Error>;

/// Calls the inner service with a verified request, unless its delivery was
/// handled before or is being handled.
pub(crate) fn handle_once<S, B>(
    dedupe: Dedupe,
    delivery: Delivery,
    config: WebhookConfig,
    inner: Rc<S>,
    request: ServiceRequest,
) -> impl Future<Output = Answer<B>>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    let span = delivery_span(&delivery);
    let work = async move {
        let claim = match dedupe.claim(&delivery, rt::time::sleep).await {
            Claimed::Held(claim) => announce(claim, &request),
            Claimed::Duplicate(outcome) => {
                let response = request.into_response(HttpResponse::Ok().finish());
                return Ok(with(response.map_into_right_body(), outcome));
            }
            Claimed::Rejected(error, settling) => {
                if let Some(settling) = settling {
                    rt::spawn(settling.into_future());
                }
                return Ok(reject(&config, error, request));
            }
        };
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
    run_to_end(work.instrument(span), rt::spawn)
        .map(|answer| answer.unwrap_or_else(|error| Err(WebhookRejection::from(error).into())))
}

/// By value: the future would keep a borrowed claim as well as the one that runs.
fn announce<T>(claim: HeldClaim<T>, request: &ServiceRequest) -> HeldClaim<T> {
    let mut extensions = request.extensions_mut();
    extensions.insert(OuterClaim);
    if let Some(lease) = claim.lease() {
        extensions.insert(lease);
    }
    claim
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
