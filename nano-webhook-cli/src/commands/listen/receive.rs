use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use nano_webhook_core::adapter::Answer;
use nano_webhook_core::{Delivery, ErrorKind, UnixTime, Verifier, VerifierBuilder, WebhookError};
use tokio::sync::mpsc::UnboundedSender;

use super::deliveries::Deliveries;
use super::forward::forward;
use super::record::{RawBody, Record, Verdict};
use super::save::Saver;
use crate::commands::send;
use crate::commands::verify::{Case, Effort, Rejection, Rules};
use crate::headers::HeaderList;
use crate::http::Target;
use crate::secrets::Given;

/// A receiver for development.
pub(super) struct Receiver {
    pub(super) verifier: Verifier,
    pub(super) rules: Rules,
    /// The current secret, then the previous ones.
    pub(super) secrets: Vec<Given>,
    pub(super) deliveries: Deliveries,
    pub(super) forward_to: Option<Target>,
    pub(super) saver: Option<Saver>,
    /// The status for accepted deliveries.
    pub(super) answer: StatusCode,
    /// Each record is sent here to be shown.
    pub(super) shown: UnboundedSender<Arc<Record>>,
}

/// Deliveries at every path; the last ones at `/deliveries`.
pub(super) fn router(receiver: Receiver) -> Router {
    Router::new()
        .route("/deliveries", get(list).fallback(receive))
        .fallback(receive)
        .with_state(Arc::new(receiver))
}

async fn list(State(receiver): State<Arc<Receiver>>, headers: HeaderMap) -> Response<Body> {
    receiver.deliveries.answer(&headers)
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
        let id = self.deliveries.next_id();
        let received_at = UnixTime::now();
        let (head, body) = request.into_parts();
        let headers: HeaderList = (head.headers.iter())
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect();
        let mut chunks = body.into_data_stream();
        let (verdict, body) = self.verify(&head, &mut chunks, received_at).await;
        let mut response = match &verdict {
            Ok(_) => self.answer.into_response(),
            Err(error) => rejection(error),
        };
        let repeat_of =
            (verdict.as_ref().ok()).and_then(|delivery| self.deliveries.accept(id, delivery));
        let forwarded = match &self.forward_to {
            Some(target) if body.is_complete => {
                let (forwarded, answer) = forward(target, &headers, &body.bytes).await;
                response = answer;
                Some(forwarded)
            }
            _ => None,
        };
        let record = Record {
            id,
            received_at,
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            headers,
            repeat_of,
            status: response.status().as_u16(),
            forwarded,
            saved: None,
            verdict: match verdict {
                Ok(delivery) => Verdict::Accepted(delivery),
                Err(error) => Verdict::Rejected {
                    claims: send::label(&body.bytes),
                    explained: None,
                    error,
                },
            },
            body,
        };
        (response, record)
    }

    /// The verdict of a service with this library, and the body, which is read to its
    /// end also where the head was rejected.
    async fn verify(
        &self,
        head: &axum::http::request::Parts,
        chunks: &mut BodyDataStream,
        now: UnixTime,
    ) -> (Result<Delivery, WebhookError>, RawBody) {
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
        let is_complete = match &verdict {
            Err(error) if is_lost(error.kind()) => false,
            _ => self.read_rest(chunks, &mut seen).await,
        };
        let bytes = seen.freeze();
        (verdict, RawBody { bytes, is_complete })
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
        let patience: Duration = VerifierBuilder::DEFAULT_BODY_TIMEOUT;
        tokio::time::timeout(patience, read).await.unwrap_or(false)
    }

    /// Finds out why it was rejected, stores it, and has it shown.
    async fn complete(self: Arc<Self>, mut record: Record) {
        let is_invalid = |error: &WebhookError| error.kind() == ErrorKind::InvalidEvent;
        if let Verdict::Rejected { error, .. } = &record.verdict
            && record.body.is_complete
            && !is_invalid(error)
        {
            let (receiver, error) = (Arc::clone(&self), error.clone());
            let (headers, body, now) = (
                record.headers.clone(),
                record.body.bytes.clone(),
                record.received_at,
            );
            let search = move || receiver.explain(&error, &headers, &body, now);
            let found = tokio::task::spawn_blocking(search).await.ok();
            if let Verdict::Rejected { explained, .. } = &mut record.verdict {
                *explained = found;
            }
        }
        record.saved = self.saver.as_ref().map(|saver| saver.save(&record));
        let record = Arc::new(record);
        self.deliveries.push(Arc::clone(&record));
        // No record is shown any more when standard output was closed.
        let _ = self.shown.send(record);
    }

    fn explain(
        &self,
        error: &WebhookError,
        headers: &HeaderList,
        body: &Bytes,
        now: UnixTime,
    ) -> Rejection {
        let secrets: Vec<_> = self
            .secrets
            .iter()
            .map(|given| given.bytes.as_slice())
            .collect();
        Case {
            verifier: &self.verifier,
            secrets: &secrets,
            headers,
            body,
            now,
            tolerance: self.rules.tolerance,
        }
        .explain(error, Effort::QUICK)
    }
}

fn rejection(error: &WebhookError) -> Response<Body> {
    let answer = error.answer();
    let mut response = Response::new(Body::from(answer.body()));
    *response.status_mut() = StatusCode::from_u16(answer.status()).unwrap_or_default();
    let content_type = ("content-type", Answer::CONTENT_TYPE.into());
    for (name, value) in answer.headers().chain([content_type]) {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
