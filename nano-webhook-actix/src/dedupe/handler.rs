use std::rc::Rc;

use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::{Error, HttpMessage as _, HttpResponse, rt};
use nano_webhook_core::dedupe::{LeaseHandle, Outcome, Processed};

use super::DedupeMiddleware;
use crate::receiving::{Verified, refuse};
use crate::rejection::Refusal;

/// What is needed to handle a delivery once it is verified.
pub(super) struct Handler<S> {
    pub(super) inner: Rc<S>,
    pub(super) middleware: DedupeMiddleware,
}

pub(super) type Answer<B> = Result<ServiceResponse<EitherBody<B>>, Error>;

impl<S, B> Handler<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    pub(super) async fn run(self, verified: Verified) -> Answer<B> {
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
            Processed::Handled {
                output: Ok(response),
                ..
            } => response.map_into_left_body(),
            Processed::Handled {
                output: Err(mut error),
                outcome,
            } => {
                error.add_response_mapper(move |mut response| {
                    response.extensions_mut().insert::<Outcome>(outcome);
                    response
                });
                return Err(error);
            }
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
