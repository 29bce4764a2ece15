use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use nano_webhook_core::Delivery;

use crate::config::WebhookConfig;
use crate::receive::Receive;
use crate::rejection::Refusal;

/// A middleware's request whose body is on its way.
pub(crate) struct Receiving {
    config: WebhookConfig,
    receive: Receive,
    request: Option<ServiceRequest>,
}

/// A middleware's request, and what it was verified to be.
pub(crate) struct Verified {
    pub(crate) request: ServiceRequest,
    pub(crate) delivery: Delivery,
}

impl Receiving {
    /// Judges the head. An error is the answer to it.
    pub(crate) fn start(
        config: &WebhookConfig,
        mut request: ServiceRequest,
    ) -> Result<Self, ServiceResponse> {
        let (head, payload) = request.parts_mut();
        match Receive::start(config.verifier(), head, payload) {
            Ok(receive) => Ok(Self {
                config: config.clone(),
                receive,
                request: Some(request),
            }),
            Err(error) => {
                let refusal = Refusal::new(error, payload.take());
                Err(refuse(config, refusal, request))
            }
        }
    }

    /// Waits for the verdict. An error is the answer to it.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Verified, ServiceResponse>> {
        let judged = ready!(Pin::new(&mut self.receive).poll(context));
        let Some(request) = self.request.take() else {
            return Poll::Pending;
        };
        Poll::Ready(match judged {
            Ok(delivery) => Ok(Verified { request, delivery }),
            Err(error) => {
                let refusal = Refusal::new(error, self.receive.take_payload());
                Err(refuse(&self.config, refusal, request))
            }
        })
    }
}

impl Verified {
    /// The request that the inner service gets.
    pub(crate) fn into_request(self) -> ServiceRequest {
        let Self {
            mut request,
            delivery,
        } = self;
        request.set_payload(Payload::from(delivery.body().clone()));
        request.extensions_mut().insert(delivery);
        request
    }
}

/// The answer to a request that is refused.
pub(crate) fn refuse(
    config: &WebhookConfig,
    refusal: Refusal,
    request: ServiceRequest,
) -> ServiceResponse {
    let rejection = config.rejections().reject(refusal, request.request());
    request.error_response(rejection)
}
