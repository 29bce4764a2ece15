use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::response::{IntoResponse as _, Json};
use axum::routing::get;
use tokio::sync::mpsc::UnboundedSender;

use super::capture::Captured;
use super::deliveries::Deliveries;
use super::forward::Forwarder;
use super::judge::Judge;
use super::record::{Record, Verdict};
use super::save::Saver;
use crate::commands::send;
use crate::headers::HeaderList;

/// What a request meets.
pub(super) struct Receiver {
    pub(super) judge: Judge,
    pub(super) deliveries: Deliveries,
    pub(super) forwarder: Option<Forwarder>,
    pub(super) saver: Option<Saver>,
    /// The status for accepted deliveries.
    pub(super) answer: u16,
}

#[derive(Clone)]
struct Shared {
    receiver: Arc<Receiver>,
    shown: UnboundedSender<Arc<Record>>,
}

/// Deliveries at every path; what is kept at `/deliveries`. Each record is sent
/// to be shown.
pub(super) fn router(receiver: Arc<Receiver>, shown: UnboundedSender<Arc<Record>>) -> Router {
    Router::new()
        .route("/deliveries", get(list).post(receive))
        .fallback(receive)
        .with_state(Shared { receiver, shown })
}

async fn list(State(shared): State<Shared>, headers: HeaderMap) -> Response<Body> {
    if !is_asked_by_address(&headers) {
        return (
            StatusCode::FORBIDDEN,
            "ask by address, as in http://127.0.0.1:4020/deliveries\n",
        )
            .into_response();
    }
    Json(shared.receiver.deliveries.to_json()).into_response()
}

/// A web page can make a browser ask under the page's own name, once that name
/// resolves to this machine; then it may read the answer. It cannot have an
/// address for its name.
fn is_asked_by_address(headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || bare.parse::<std::net::IpAddr>().is_ok()
}

async fn receive(State(shared): State<Shared>, request: Request) -> Response<Body> {
    if request.method() != axum::http::Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")]).into_response();
    }
    // A sender that hangs up must not keep its delivery from being shown.
    let handling = tokio::spawn(async move {
        let (response, record) = shared.handle(request).await;
        // The sender need not wait for the rest.
        tokio::spawn(shared.complete(record));
        response
    });
    match handling.await {
        Ok(response) => response,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Shared {
    /// The answer, and what is known of the request by then.
    async fn handle(&self, request: Request) -> (Response<Body>, Record) {
        let receiver = &*self.receiver;
        let verifier = receiver.judge.verifier();
        let id = receiver.deliveries.next_id();
        let received_at = verifier.now();
        let method = request.method().to_string();
        let path = request.uri().path().to_owned();
        let headers = header_list(request.headers());

        let (head, body) = request.into_parts();
        let (captured, capture) = Captured::new(body);
        let status = StatusCode::from_u16(receiver.answer).unwrap_or_default();
        let judged = Request::from_parts(head, captured);
        let (verdict, mut response) = receiver.judge.judge(judged, status).await;
        let body = capture
            .finish(verifier.max_body(), verifier.body_timeout())
            .await;
        let repeat_of = match &verdict {
            Ok(delivery) => receiver.deliveries.accept(id, delivery),
            Err(_) => None,
        };
        let verdict = match verdict {
            Ok(delivery) => Verdict::Accepted(delivery),
            Err(error) => Verdict::Refused {
                claims: send::label(&body.bytes),
                refusal: None,
                error,
            },
        };
        let forwarded = match &receiver.forwarder {
            Some(forwarder) if body.is_complete => {
                let passed = forwarder.pass(&headers, body.bytes.clone()).await;
                response = passed.response;
                Some(passed.forwarded)
            }
            _ => None,
        };
        let record = Record {
            id,
            received_at,
            method,
            path,
            headers,
            body,
            verdict,
            repeat_of,
            status: response.status().as_u16(),
            forwarded,
            saved: None,
        };
        (response, record)
    }

    /// Works out why it was refused, stores it, and has it shown.
    async fn complete(self, mut record: Record) {
        let receiver = &*self.receiver;
        if let Verdict::Refused { error, refusal, .. } = &mut record.verdict {
            *refusal = receiver
                .judge
                .explain(error, &record.headers, &record.body, record.received_at)
                .await;
        }
        if let Some(saver) = &receiver.saver {
            record.saved = Some(saver.save(&record));
        }
        let record = Arc::new(record);
        receiver.deliveries.push(Arc::clone(&record));
        // Nobody shows it any more when standard output was closed.
        let _ = self.shown.send(record);
    }
}

fn header_list(headers: &HeaderMap) -> HeaderList {
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect()
}
