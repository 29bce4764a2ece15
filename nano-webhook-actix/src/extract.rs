use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use nano_webhook_core::{Delivery, FromDelivery, WebhookEvent};

use crate::config::WebhookConfig;
use crate::headers::Headers;
use crate::rejection::{Refusal, Rejections, WebhookRejection};
use crate::replay::Replay;
use crate::verdict::Verdict;

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
/// # Beside other extractors
///
/// Several of them in one handler share one verification; the body is read and
/// judged once. Extractors of the body (`web::Bytes`, `web::Json`) get the
/// signed body if they stand **behind** `Webhook`. Before it they would take
/// what has to be verified: the answer is then 500 `not_configured`, and the log
/// says so.
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
/// and code that [`WebhookError`](crate::WebhookError) lists. What is wrong with
/// the head (missing, malformed, stale, encoded, too large by its
/// `Content-Length`) is answered before one byte of the body is read. Without a
/// configuration: 500 `not_configured`.
///
/// # Deployment caveat
///
/// A delivery that somebody captured can be replayed for as long as the tolerance
/// window lasts. [`WebhookMiddleware::dedupe`](crate::WebhookMiddleware::dedupe)
/// prevents it.
#[derive(Clone, Debug)]
pub struct Webhook<T = WebhookEvent>(pub T);

impl<T: FromDelivery> FromRequest for Webhook<T> {
    type Error = WebhookRejection;
    type Future = WebhookExtractFuture<T>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> WebhookExtractFuture<T> {
        WebhookExtractFuture {
            state: begin(request, payload),
            request: request.clone(),
        }
    }
}

fn begin<T: FromDelivery>(request: &HttpRequest, payload: &mut Payload) -> State<T> {
    if let Some(delivery) = request.extensions_mut().get_mut::<Delivery>() {
        return State::Verified(T::from_delivery(delivery));
    }
    let config = match WebhookConfig::find(request) {
        Ok(config) => config.clone(),
        Err(error) => return State::NotConfigured(Refusal::new(error, payload.take())),
    };
    if let Some(verdict) = request.extensions().get::<Verdict>() {
        return State::Waiting {
            verdict: verdict.clone(),
            config,
        };
    }
    let verdict = Verdict::start(&config, request, payload);
    *payload = Replay::payload(verdict.clone());
    request.extensions_mut().insert(verdict.clone());
    State::Waiting { verdict, config }
}

/// The future of the extractor [`Webhook`].
#[must_use = "futures do nothing unless polled"]
pub struct WebhookExtractFuture<T> {
    request: HttpRequest,
    state: State<T>,
}

enum State<T> {
    /// By a middleware.
    Verified(T),
    Waiting {
        verdict: Verdict,
        config: WebhookConfig,
    },
    NotConfigured(Refusal),
    Done,
}

impl<T: FromDelivery> Future for WebhookExtractFuture<T> {
    type Output = Result<Webhook<T>, WebhookRejection>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let State::Waiting { verdict, config } = &this.state {
            let judged = ready!(verdict.poll(context, |delivery| {
                match verdict.is_by(config) {
                    true => Ok(T::from_delivery(delivery)),
                    false => judge_again(config, &this.request, delivery)
                        .map(|mut delivery| T::from_delivery(&mut delivery)),
                }
            }))
            .map_err(|refusal| config.rejections().reject(refusal, &this.request));
            this.state = State::Done;
            return Poll::Ready(judged.map(Webhook));
        }
        match std::mem::replace(&mut this.state, State::Done) {
            State::Verified(extracted) => Poll::Ready(Ok(Webhook(extracted))),
            State::NotConfigured(refusal) => {
                Poll::Ready(Err(Rejections::default().reject(refusal, &this.request)))
            }
            State::Waiting { .. } | State::Done => Poll::Pending,
        }
    }
}

/// An extractor in a middleware has verified the request, with a configuration
/// further out. Ours is nearer, and may have another secret.
fn judge_again(
    config: &WebhookConfig,
    request: &HttpRequest,
    delivery: &Delivery,
) -> Result<Delivery, Refusal> {
    let verifier = config.verifier();
    verifier
        .verify(
            &Headers(request.headers()),
            delivery.body().clone(),
            verifier.now(),
        )
        .map_err(Refusal::after_body)
}
