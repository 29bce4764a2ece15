use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use nano_webhook_core::{Delivery, WebhookError};

use crate::config::WebhookConfig;
use crate::receive::Receive;
use crate::rejection::Refusal;

/// A middleware's request whose body is on its way, unless its head was refused.
pub(crate) struct Receiving {
    config: WebhookConfig,
    receive: Result<Receive, WebhookError>,
    request: Option<ServiceRequest>,
}

/// A middleware's request, and what it was verified to be.
pub(crate) struct Verified {
    pub(crate) request: ServiceRequest,
    pub(crate) delivery: Delivery,
}

impl Receiving {
    /// Judges the head.
    pub(crate) fn start(config: &WebhookConfig, mut request: ServiceRequest) -> Self {
        let (head, payload) = request.parts_mut();
        Self {
            receive: Receive::start(config.verifier(), head, payload),
            config: config.clone(),
            request: Some(request),
        }
    }

    /// Waits for the verdict. An error is the answer to it.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Verified, ServiceResponse>> {
        let judged = match &mut self.receive {
            Ok(receive) => ready!(Pin::new(receive).poll(context)),
            Err(error) => Err(error.clone()),
        };
        let Some(mut request) = self.request.take() else {
            return Poll::Pending;
        };
        Poll::Ready(match judged {
            Ok(delivery) => Ok(Verified { request, delivery }),
            Err(error) => {
                let unread = match &mut self.receive {
                    Ok(receive) => receive.take_payload(),
                    Err(_) => request.take_payload(),
                };
                Err(refuse(&self.config, Refusal::new(error, unread), request))
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
