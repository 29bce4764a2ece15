use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::{FromFnLayer, Next, from_fn_with_state};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http_body_util::BodyExt as _;
use nano_webhook_core::dedupe::{Outcome, OutcomeKind};
use nano_webhook_core::{MatchedSecret, Verifier, WebhookError};

use crate::inspector::Inspector;
use crate::record::{Answer, Record, Verdict};
use crate::tools::BoxFuture;

/// So much of a body is recorded.
const LONGEST: usize = 1024 * 1024;

/// Records what passes a route. [`Inspector::layer`] makes it.
pub type InspectorLayer = FromFnLayer<
    fn(State<Watched>, Request, Next) -> BoxFuture<'static, Response>,
    Watched,
    (State<Watched>, Request),
>;

/// What an [`InspectorLayer`] records with.
type Watched = (Inspector, Verifier);

impl Inspector {
    /// A layer that records each delivery of a route and its answer. Put it outside of
    /// the layer that verifies.
    ///
    /// It changes nothing: the body is copied while the inner service reads it, at most
    /// 1 MiB of it. What the service leaves unread is not recorded. The verifier of that
    /// layer tells which secret matched.
    pub fn layer(&self, verifier: Verifier) -> InspectorLayer {
        from_fn_with_state((self.clone(), verifier), |State(watched), request, next| {
            Box::pin(record(watched, request, next))
        })
    }
}

async fn record((inspector, verifier): Watched, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (head, body) = request.into_parts();
    let mut record = Record::new(inspector.next_id(), verifier.now());
    record.method = head.method.to_string();
    record.path = head.uri.path().to_owned();
    record.headers = pairs(&head.headers);
    inspector.put(record.clone());
    let mut pending = Pending {
        inspector,
        verifier,
        seen: Arc::default(),
        record: Some(record),
    };
    let body = pending.seen.copying(body);
    let response = next.run(Request::from_parts(head, body)).await;
    let took = began.elapsed();
    let (response, answer) = with_answer(response).await;
    pending.complete(&response, answer, took);
    response
}

/// A delivery that is shown also if its client disconnects before the answer.
struct Pending {
    inspector: Inspector,
    verifier: Verifier,
    seen: Arc<Seen>,
    record: Option<Record>,
}

impl Pending {
    fn complete(&mut self, response: &Response, answer: Answer, took: Duration) {
        let Some(mut record) = self.take() else {
            return;
        };
        record.secret = self.matched_secret(&record).map(|secret| match secret {
            MatchedSecret::Current => "current".to_owned(),
            MatchedSecret::Previous => "previous".to_owned(),
        });
        let error = response.extensions().get::<WebhookError>();
        let outcome = response.extensions().get::<Outcome>().map(Outcome::kind);
        record.verdict = match (error, outcome) {
            (Some(_), _) => Verdict::Rejected,
            (None, Some(OutcomeKind::Duplicate | OutcomeKind::DifferingDuplicate)) => {
                Verdict::Duplicate
            }
            _ if response.status().is_success() => Verdict::Accepted,
            _ => Verdict::Failed,
        };
        record.code = error.map(|error| error.code().to_owned());
        record.reason = error.map(ToString::to_string);
        if let (Some(event), Some(task_id)) = (&record.event, &record.task_id)
            && record.is_verified()
        {
            record.duplicate_of = self.inspector.0.store.first_of(event, task_id);
        }
        record.answer = Some(answer);
        record.took = Some(took);
        self.inspector.put(record);
    }

    fn matched_secret(&self, record: &Record) -> Option<MatchedSecret> {
        let begun = self.verifier.begin(&record.headers, record.received_at);
        let mut verification = begun.ok()?;
        verification.push(record.body.clone()).ok()?;
        verification.matched_secret()
    }

    fn take(&mut self) -> Option<Record> {
        let mut record = self.record.take()?;
        let (body, is_whole) = self.seen.take();
        record.set_body(body);
        record.body_truncated = !is_whole;
        Some(record)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(mut record) = self.take() {
            record.verdict = Verdict::Failed;
            record.reason = Some("the connection closed before the answer".to_owned());
            self.inspector.put(record);
        }
    }
}

/// What the inner service has read of a body.
#[derive(Default)]
struct Seen(Mutex<(BytesMut, bool)>);

impl Seen {
    fn copying(self: &Arc<Self>, body: Body) -> Body {
        let seen = Arc::clone(self);
        if body.is_end_stream() {
            seen.with(|(_, is_whole)| *is_whole = true);
            return body;
        }
        let end = Arc::clone(self);
        let chunks = body.into_data_stream().inspect_ok(move |chunk| {
            seen.with(|(copy, _)| {
                let room = LONGEST.saturating_sub(copy.len());
                copy.extend_from_slice(chunk.get(..room).unwrap_or(chunk));
            });
        });
        let ended = stream::once(async move {
            end.with(|(copy, is_whole)| *is_whole = copy.len() < LONGEST);
            Ok::<_, axum::Error>(Bytes::new())
        });
        Body::from_stream(chunks.chain(ended))
    }

    fn take(&self) -> (Bytes, bool) {
        self.with(|(copy, is_whole)| (std::mem::take(copy).freeze(), *is_whole))
    }

    fn with<T>(&self, change: impl FnOnce(&mut (BytesMut, bool)) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The answer with its body, if that is small and its length is known.
async fn with_answer(response: Response) -> (Response, Answer) {
    let mut answer = Answer {
        status: response.status().as_u16(),
        headers: pairs(response.headers()),
        body: Bytes::new(),
    };
    let is_small = |length: u64| length <= LONGEST as u64;
    if !response.body().size_hint().exact().is_some_and(is_small) {
        return (response, answer);
    }
    let (head, body) = response.into_parts();
    let body = match body.collect().await {
        Ok(collected) => {
            answer.body = collected.to_bytes();
            Body::from(answer.body.clone())
        }
        Err(error) => Body::from_stream(stream::once(async { Err::<Bytes, _>(error) })),
    };
    (Response::from_parts(head, body), answer)
}

fn pairs(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    let pairs = headers.iter();
    pairs
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect()
}
