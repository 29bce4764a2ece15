use axum_core::body::Body;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Extensions, Request, Response};
use nano_webhook_core::Delivery;
use nano_webhook_core::adapter::{Claimed, HeldClaim, OuterClaim, run_to_end};
use nano_webhook_core::dedupe::{Dedupe, Outcome};
use tower_service::Service;
use tracing::{Instrument as _, Span};

use crate::answer::{Hook, problem, respond};
use crate::layer::{BoxError, call};

/// Calls the inner service with a verified request, unless its delivery was
/// handled before or is being handled.
pub(crate) fn handle_once<S, ResBody>(
    dedupe: &Dedupe,
    delivery: &Delivery,
    span: Span,
    hook: Option<&Hook>,
    inner: S,
    request: Request<Body>,
) -> impl Future<Output = Result<Response<Body>, S::Error>> + use<S, ResBody>
where
    S: Service<Request<Body>, Response = Response<ResBody>> + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    ResBody: http_body::Body<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    let version = request.version();
    let hook = hook.cloned();
    let (dedupe, delivery) = (dedupe.clone(), delivery.clone());
    let (mut head, body) = request.into_parts();
    let work = async move {
        let claim = match dedupe.claim(&delivery, tokio::time::sleep).await {
            Claimed::Held(claim) => announce(claim, &mut head.extensions),
            Claimed::Duplicate(outcome) => return Ok(with(Response::default(), outcome)),
            Claimed::Rejected(error, settling) => {
                if let Some(settling) = settling {
                    tokio::spawn(settling.into_future());
                }
                return Ok(respond(hook.as_ref(), error, &head));
            }
        };
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
    run_to_end(work.instrument(span), tokio::spawn)
        .map(move |answer| answer.unwrap_or_else(|error| Ok(problem(error, version))))
}

/// By value: the future would keep a borrowed claim as well as the one that runs.
fn announce<S>(claim: HeldClaim<S>, extensions: &mut Extensions) -> HeldClaim<S> {
    extensions.insert(OuterClaim);
    if let Some(lease) = claim.lease() {
        extensions.insert(lease);
    }
    claim
}

fn with(mut response: Response<Body>, outcome: Outcome) -> Response<Body> {
    response.extensions_mut().insert(outcome);
    response
}

fn completes<E>(answer: &Result<Response<Body>, E>) -> bool {
    (answer.as_ref()).is_ok_and(|response| response.status().is_success())
}
