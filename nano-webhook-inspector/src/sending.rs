use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::inspector::Inspector;
use crate::problem::Problem;
use crate::routes::kept;
use crate::tools::{Order, OrderContent};
use crate::view;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendRequest {
    like: Option<u64>,
    mode: Option<Mode>,
    event: Option<String>,
    body_base64: Option<String>,
    headers: Option<Vec<(String, String)>>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Captured,
    Edited,
    Signed,
}

pub(crate) async fn send(
    State(inspector): State<Inspector>,
    request: Result<Json<SendRequest>, JsonRejection>,
) -> Result<Response, Problem> {
    let tools = inspector.0.tools.as_ref().ok_or_else(not_available)?;
    let Json(request) = request?;
    let order = order(&inspector, request)?;
    let sent = tools.send(order).await.map_err(failed)?;
    let answer = json!({
        "status": sent.status,
        "body_base64": STANDARD.encode(&sent.body),
        "took_ms": sent.took.as_secs_f64() * 1e3,
    });
    Ok(Json(answer).into_response())
}

fn order(inspector: &Inspector, request: SendRequest) -> Result<Order, Problem> {
    let (Some(id), Some(mode)) = (request.like, request.mode) else {
        let event = (request.event.filter(|event| !event.is_empty()))
            .ok_or_else(|| Problem::invalid("give `like` and `mode`, or `event`"))?;
        return Ok(Order {
            path: "/webhook".to_owned(),
            note: "test event".to_owned(),
            content: OrderContent::Event(event),
        });
    };
    let record = kept(inspector, id)?;
    let edited = (request.body_base64.filter(|_| mode != Mode::Captured))
        .map(|text| STANDARD.decode(text).map(Bytes::from))
        .transpose()
        .map_err(|_| Problem::invalid("`body_base64` is not Base64"))?;
    let body = edited.unwrap_or_else(|| record.body.clone());
    let headers = match request.headers.filter(|_| mode == Mode::Edited) {
        Some(headers) => {
            let bytes = |(name, value): (String, String)| Some((name, view::latin1_bytes(&value)?));
            let headers: Option<Vec<_>> = headers.into_iter().map(bytes).collect();
            headers.ok_or_else(|| Problem::invalid("a header has a character beyond U+00FF"))?
        }
        None => record.headers.clone(),
    };
    let (what, content) = match mode {
        Mode::Captured => ("sent again", OrderContent::AsGiven { headers, body }),
        Mode::Edited => ("edited", OrderContent::AsGiven { headers, body }),
        Mode::Signed => ("signed anew", OrderContent::Signed(body)),
    };
    Ok(Order {
        path: record.path.clone(),
        note: format!("{what} from {id}"),
        content,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TriggerRequest {
    event: String,
}

pub(crate) async fn trigger(
    State(inspector): State<Inspector>,
    request: Result<Json<TriggerRequest>, JsonRejection>,
) -> Result<Response, Problem> {
    let tools = inspector.0.tools.as_ref();
    let tools = tools.filter(|tools| tools.has_simulator());
    let tools = tools.ok_or_else(not_available)?;
    let Json(TriggerRequest { event }) = request?;
    let done = tools.trigger(event).await.map_err(failed)?;
    Ok(Json(done).into_response())
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), "invalid_request", rejection.body_text())
    }
}

fn not_available() -> Problem {
    let detail = "this receiver offers no such tool";
    Problem::new(StatusCode::NOT_FOUND, "not_available", detail)
}

fn failed(problem: String) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, "not_sent", problem)
}
