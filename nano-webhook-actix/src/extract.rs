use std::future::ready;
use std::io;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::future::{LocalBoxFuture, Shared};
use futures_util::{FutureExt as _, TryFutureExt as _, TryStreamExt as _};
use nano_webhook_core::adapter::FromDelivery;
use nano_webhook_core::{Delivery, WebhookError, WebhookEvent};

use crate::answer::{Rejected, WebhookRejection};
use crate::config::{DecidedBy, WebhookConfig};
use crate::verify::{begin, receive, verify_again};

/// Extracts a verified delivery from a request.
///
/// - `Webhook(event): Webhook` gives the [`WebhookEvent`],
/// - `Webhook(delivery): Webhook<Delivery>` gives the event, the signed body,
///   when it was signed, and which secret signed it.
///
/// It verifies with the nearest [`WebhookConfig`]. Behind a
/// [`WebhookMiddleware`](crate::WebhookMiddleware) it needs none: it finds the
/// delivery that was verified there.
///
/// # With other extractors
///
/// Several of them in one handler share one verification; the body is read once.
/// Extractors of the body (`web::Bytes`, `web::Json`) get the signed body if they
/// stand **behind** `Webhook`. Before it they take what has to be verified: the
/// answer is then 500 `not_configured`, and the log says so.
///
/// `Option<Webhook>` and `Either<Webhook, Bytes>` compile, because actix offers
/// them for every extractor, and open the endpoint: the second hands out an
/// unverified body where the verification fails. Do not use them.
///
/// ```
/// use actix_web::{HttpResponse, web};
/// use nano_webhook_actix::{Delivery, Webhook};
///
/// async fn on_event(Webhook(event): Webhook) -> HttpResponse {
///     println!("{} for {:?}", event.name(), event.task_id());
///     HttpResponse::Ok().finish()
/// }
///
/// async fn archive(Webhook(delivery): Webhook<Delivery>) -> HttpResponse {
///     println!("{} bytes, signed at {}", delivery.body().len(), delivery.signed_at().as_secs());
///     HttpResponse::Ok().finish()
/// }
///
/// async fn forward(Webhook(event): Webhook, signed_body: web::Bytes) -> HttpResponse {
///     println!("{}: {} bytes", event.name(), signed_body.len());
///     HttpResponse::Ok().finish()
/// }
/// # let _ = (web::to(on_event), web::to(archive), web::to(forward));
/// ```
///
/// # Rejection
///
/// Every request that is not a correctly signed, fresh delivery, with the status
/// and code that [`ErrorKind`](crate::ErrorKind) lists. Requests with an invalid
/// head are rejected before the body is read. Without a configuration: 500
/// `not_configured`.
///
/// # Deployment caveat
///
/// A captured delivery can be replayed for as long as the tolerance lasts.
/// [`WebhookMiddleware::dedupe`](crate::WebhookMiddleware::dedupe) prevents it.
#[derive(Clone, Debug)]
pub struct Webhook<T = WebhookEvent>(pub T);

/// The one verification of a request, shared by all that wait for it: actix asks
/// every extractor of a handler before it polls any, and the first takes the
/// payload. It must not hold the request, whose extensions hold it.
#[derive(Clone)]
struct Verdict {
    by: WebhookConfig,
    delivery: Shared<LocalBoxFuture<'static, Result<Delivery, Rejected>>>,
}

impl<T: FromDelivery + 'static> FromRequest for Webhook<T> {
    type Error = WebhookRejection;
    type Future = LocalBoxFuture<'static, Result<Self, WebhookRejection>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let found = WebhookConfig::find(request);
        let verified = verified_outside(request);
        let config = match (found, &verified) {
            (Some(_), Some((_, decided))) if !decided.has_nearer(request) => None,
            (found, _) => found,
        };
        let Some(config) = config.cloned() else {
            let answer = match verified {
                Some((delivery, _)) => Ok(Self(T::from_delivery(&delivery))),
                None => Err(not_configured(payload.take())),
            };
            return ready(answer).boxed_local();
        };
        if let Some((delivery, _)) = verified {
            let again = verify_again(config.verifier(), request, &delivery)
                .map(|delivery| Self(T::from_delivery(&delivery)))
                .map_err(|error| config.reject(error, request));
            return ready(again).boxed_local();
        }
        let verdict = verdict(&config, request, payload);
        let request = request.clone();
        async move {
            let delivery = match verdict.delivery.await {
                Ok(delivery) if verdict.by.is(&config) => Ok(delivery),
                // An extractor in a middleware has verified the request, with a
                // configuration further out.
                Ok(delivery) => {
                    verify_again(config.verifier(), &request, &delivery).map_err(Rejected::from)
                }
                Err(rejected) => Err(rejected),
            };
            delivery
                .map(|delivery| Self(T::from_delivery(&delivery)))
                .map_err(|rejected| config.reject(rejected, &request))
        }
        .boxed_local()
    }
}

fn verified_outside(request: &HttpRequest) -> Option<(Delivery, DecidedBy)> {
    let extensions = request.extensions();
    Some((extensions.get().cloned()?, extensions.get().cloned()?))
}

fn not_configured(unread: Payload) -> WebhookRejection {
    let error = WebhookError::not_configured(
        "the handler takes a Webhook, but no WebhookConfig is registered; \
         add .app_data(WebhookConfig::new(verifier)) to the App, Scope or Resource",
    );
    WebhookRejection::new(Rejected::new(error, unread), None)
}

/// The verification that an earlier extractor has begun, or a new one. The signed
/// body takes the payload's place.
fn verdict(config: &WebhookConfig, request: &HttpRequest, payload: &mut Payload) -> Verdict {
    if let Some(verdict) = request.extensions().get::<Verdict>() {
        return verdict.clone();
    }
    let begun = begin(config.verifier(), request, payload);
    let mut taken = payload.take();
    let delivery = async move {
        let received = match begun {
            Ok(verification) => receive(verification, &mut taken).await,
            Err(error) => Err(error),
        };
        received.map_err(|error| Rejected::new(error, taken))
    };
    let verdict = Verdict {
        by: config.clone(),
        delivery: delivery.boxed_local().shared(),
    };
    let signed_body = (verdict.delivery.clone())
        .map_ok(|delivery| delivery.body().clone())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the delivery was rejected"))
        .map_err(PayloadError::Io)
        .into_stream()
        .try_filter(|body| ready(!body.is_empty()));
    *payload = Payload::Stream {
        payload: Box::pin(signed_body),
    };
    request.extensions_mut().insert(verdict.clone());
    verdict
}
