use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use nano_webhook_core::adapter::Answer;
use nano_webhook_core::{Delivery, ErrorKind, UnixTime, Verifier, VerifierBuilder, WebhookError};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::Watch;
use super::forward::{failed, forward};
use super::record::{Forwarded, Record};
use super::repeats::Repeats;
use super::save::Saver;
use crate::commands::verify::{Case, Effort, Rules};
use crate::http::Target;
use crate::secrets::Given;

/// A receiver for development.
pub(super) struct Receiver {
    pub(super) verifier: Verifier,
    pub(super) rules: Rules,
    /// The current secret, then the previous ones.
    pub(super) secrets: Vec<Given>,
    /// The number of the last delivery.
    pub(super) last_id: AtomicU64,
    pub(super) repeats: Repeats,
    pub(super) forward_to: Option<Target>,
    pub(super) saver: Option<Saver>,
    /// The status for accepted deliveries.
    pub(super) answer: StatusCode,
    /// Becomes true when requests that are being forwarded have to end.
    pub(super) ended: watch::Receiver<bool>,
    /// Called whenever more is known of a delivery, from its head on.
    pub(super) watch: Watch,
    /// Each record is sent here to be shown.
    pub(super) shown: UnboundedSender<Record>,
}

/// Deliveries at every path.
pub(super) fn router(receiver: Receiver) -> Router {
    Router::new()
        .fallback(receive)
        .with_state(Arc::new(receiver))
}

async fn receive(State(receiver): State<Arc<Receiver>>, request: Request) -> Response<Body> {
    if request.method() != Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")]).into_response();
    }
    // A delivery is shown also if its sender hangs up.
    let handling = tokio::spawn(async move {
        let (response, record) = receiver.handle(request).await;
        // The sender does not wait for the rest.
        tokio::spawn(receiver.complete(record));
        response
    });
    handling
        .await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

impl Receiver {
    /// The answer, and what is known of the request by then.
    async fn handle(&self, request: Request) -> (Response<Body>, Record) {
        let (began, received_at) = (Instant::now(), UnixTime::now());
        let (head, body) = request.into_parts();
        let id = self.last_id.fetch_add(1, Ordering::Relaxed);
        let mut record = Record::new(id.saturating_add(1), received_at, &head);
        (self.watch)(&mut record);
        let mut chunks = body.into_data_stream();
        let verdict = (self.verify(&head, &mut chunks, received_at, &mut record)).await;
        let mut answer = match &verdict {
            Ok(_) => Response::default(),
            Err(error) => rejection(error),
        };
        if let Ok(delivery) = &verdict {
            *answer.status_mut() = self.answer;
            let event = delivery.event();
            record.facts.repeat_of =
                (event.task_id()).and_then(|task| self.repeats.note(record.id, event.name(), task));
        }
        let is_complete = record.facts.body_complete;
        match &self.forward_to {
            Some(target) if is_complete => {
                (self.watch)(&mut record);
                let mut ended = self.ended.clone();
                let (forwarded, passed) = tokio::select! {
                    answered = forward(target, &record.headers, &record.body) => answered,
                    _ = ended.wait_for(|ended| *ended) => {
                        failed("listen was ended before the service answered".to_owned())
                    }
                };
                (answer, record.forwarded) = (passed, Some(forwarded));
            }
            Some(_) => {
                let problem = match record.body.len() > self.rules.max_body {
                    true => "the body is larger than --max-body".to_owned(),
                    false => "the body did not arrive whole".to_owned(),
                };
                record.forwarded = Some(Forwarded::Failed { problem });
            }
            None => {}
        }
        record.judge(verdict);
        record.duration_ms = Some(began.elapsed().as_secs_f64() * 1e3);
        record.facts.status = Some(answer.status().as_u16());
        record.answer = Some(answer.clone());
        (self.watch)(&mut record);
        (answer.map(Body::from), record)
    }

    /// The verdict of a service with this library. The body is read to its end also where
    /// the head was rejected.
    async fn verify(
        &self,
        head: &Parts,
        chunks: &mut BodyDataStream,
        now: UnixTime,
        record: &mut Record,
    ) -> Result<Delivery, WebhookError> {
        let mut seen = BytesMut::new();
        let verdict = match self.verifier.begin(head, now) {
            Ok(verification) => {
                let copied = chunks.map(|chunk| {
                    let chunk = chunk.map_err(WebhookError::body_incomplete)?;
                    seen.extend_from_slice(&chunk);
                    Ok(chunk)
                });
                verification.receive(copied, tokio::time::sleep).await
            }
            Err(error) => Err(error),
        };
        let is_lost = |kind| matches!(kind, ErrorKind::BodyIncomplete | ErrorKind::BodyTimeout);
        record.facts.body_complete = match &verdict {
            Err(error) if is_lost(error.kind()) => false,
            _ => self.read_rest(chunks, &mut seen).await,
        };
        record.body = seen.freeze();
        verdict
    }

    async fn read_rest(&self, chunks: &mut BodyDataStream, seen: &mut BytesMut) -> bool {
        let read = async {
            while seen.len() <= self.rules.max_body {
                match chunks.next().await {
                    Some(Ok(chunk)) => seen.extend_from_slice(&chunk),
                    Some(Err(_)) => return false,
                    None => return true,
                }
            }
            false
        };
        let patience = VerifierBuilder::DEFAULT_BODY_TIMEOUT;
        tokio::time::timeout(patience, read).await.unwrap_or(false)
    }

    /// Finds out why it was rejected, stores it, and has it shown.
    async fn complete(self: Arc<Self>, mut record: Record) {
        let is_invalid = |error: &WebhookError| error.kind() == ErrorKind::InvalidEvent;
        if let Some(error) = record.error.clone()
            && record.facts.body_complete
            && !is_invalid(&error)
        {
            let (receiver, headers, body) = (
                Arc::clone(&self),
                record.headers.clone(),
                record.body.clone(),
            );
            let now = UnixTime::from_millis(record.facts.received_at_ms);
            let search = move || {
                let case = Case {
                    given: &receiver.secrets,
                    headers: &headers,
                    body: &body,
                    now,
                    tolerance: receiver.rules.tolerance,
                };
                case.explain(&error, Effort::QUICK)
            };
            if let Ok(found) = tokio::task::spawn_blocking(search).await {
                record.explain(found);
            }
        }
        record.saved = self.saver.as_ref().map(|saver| saver.save(&record));
        (self.watch)(&mut record);
        // No record is shown any more when standard output was closed.
        let _ = self.shown.send(record);
    }
}

fn rejection(error: &WebhookError) -> Response<Bytes> {
    let answer = error.answer();
    let mut response = Response::new(Bytes::from_static(answer.body().as_bytes()));
    *response.status_mut() = StatusCode::from_u16(answer.status()).unwrap_or_default();
    let content_type = ("content-type", Answer::CONTENT_TYPE.into());
    for (name, value) in answer.headers().chain([content_type]) {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
