use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::assets;
use crate::export::{self, Format};
use crate::feed::feed;
use crate::gate::{Gate, guard};
use crate::inspector::Inspector;
use crate::media;
use crate::problem::Problem;
use crate::record::Record;
use crate::tools::{Order, OrderContent};
use crate::view;

/// A body in Base64, and its headers.
const LARGEST_ORDER: usize = 8 * 1024 * 1024;

/// What the gate lets through.
pub(crate) fn router(inspector: Inspector, gate: Arc<Gate>) -> Router {
    Router::new()
        .route("/api/deliveries", get(deliveries))
        .route("/api/deliveries/{id}", get(delivery))
        .route("/api/deliveries/{id}/body", get(body))
        .route("/api/deliveries/{id}/media/{n}", get(medium))
        .route("/api/send", post(send))
        .route("/api/trigger", post(trigger))
        .route("/api/export", get(export))
        .fallback(asset)
        .layer(DefaultBodyLimit::max(LARGEST_ORDER))
        .layer(from_fn_with_state(gate, guard))
        .with_state(inspector)
}

async fn asset(method: axum::http::Method, uri: axum::http::Uri) -> Response {
    match assets::find(uri.path()) {
        Some(asset) if method == "GET" || method == "HEAD" => {
            ([(header::CONTENT_TYPE, asset.content_type())], asset.text).into_response()
        }
        Some(_) => (
            StatusCode::METHOD_NOT_ALLOWED,
            [(header::ALLOW, "GET, HEAD")],
        )
            .into_response(),
        None => Problem::new(StatusCode::NOT_FOUND, "not_found", "no such path").into_response(),
    }
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

async fn deliveries(State(inspector): State<Inspector>, Query(query): Query<After>) -> Response {
    feed(inspector, &query.after)
}

async fn delivery(
    State(inspector): State<Inspector>,
    Path(id): Path<u64>,
) -> Result<Response, Problem> {
    let record = kept(&inspector, id)?;
    Ok(Json(view::detail(&record, inspector.receiver())).into_response())
}

async fn body(
    State(inspector): State<Inspector>,
    Path(id): Path<u64>,
) -> Result<Response, Problem> {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "sandbox".to_owned()),
        attachment(&format!("{id:04}.body")),
    ];
    Ok((headers, kept(&inspector, id)?.body.clone()).into_response())
}

async fn medium(
    State(inspector): State<Inspector>,
    Path((id, n)): Path<(u64, usize)>,
) -> Result<Response, Problem> {
    let media = view::media(&*kept(&inspector, id)?);
    let not_found = || {
        Problem::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "no such picture or video",
        )
    };
    let url = media.into_iter().nth(n).ok_or_else(not_found)?.url;
    media::fetch(inspector.reach(), &url).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendRequest {
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

async fn send(
    State(inspector): State<Inspector>,
    request: Result<Json<SendRequest>, JsonRejection>,
) -> Result<Response, Problem> {
    let tools = inspector.tools().ok_or_else(not_available)?;
    let order = order(&inspector, read(request)?)?;
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
        Some(headers) => headers
            .into_iter()
            .map(|(name, value)| Some((name, view::latin1_bytes(&value)?)))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| Problem::invalid("a header has a character beyond U+00FF"))?,
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
struct TriggerRequest {
    event: String,
}

async fn trigger(
    State(inspector): State<Inspector>,
    request: Result<Json<TriggerRequest>, JsonRejection>,
) -> Result<Response, Problem> {
    let tools = inspector.tools().filter(|tools| tools.has_simulator());
    let tools = tools.ok_or_else(not_available)?;
    let done = tools.trigger(read(request)?.event).await.map_err(failed)?;
    let answer = json!({
        "event": done.event,
        "task_id": done.task_id,
        "deliveries": done.deliveries,
    });
    Ok(Json(answer).into_response())
}

#[derive(Deserialize)]
struct ExportRequest {
    format: Format,
    ids: Option<String>,
}

async fn export(
    State(inspector): State<Inspector>,
    Query(request): Query<ExportRequest>,
) -> Result<Response, Problem> {
    // What the page shows may be gone by now.
    let is_meant = |record: &Arc<Record>| match &request.ids {
        None => true,
        Some(ids) => ids.split(',').any(|id| id.parse() == Ok(record.id)),
    };
    let mut records = inspector.store().all();
    records.retain(is_meant);
    let (name, content_type) = request.format.file();
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        attachment(name),
    ];
    let text = export::text(request.format, &records, inspector.receiver());
    Ok((headers, text).into_response())
}

fn kept(inspector: &Inspector, id: u64) -> Result<Arc<Record>, Problem> {
    inspector
        .store()
        .get(id)
        .ok_or_else(|| Problem::not_kept(id))
}

fn read<T>(request: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    match request {
        Ok(Json(value)) => Ok(value),
        Err(rejection) => {
            let detail = rejection.body_text();
            Err(Problem::new(rejection.status(), "invalid_request", detail))
        }
    }
}

fn not_available() -> Problem {
    let detail = "this receiver offers no such tool";
    Problem::new(StatusCode::NOT_FOUND, "not_available", detail)
}

fn failed(problem: String) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, "not_sent", problem)
}

fn attachment(name: &str) -> (header::HeaderName, String) {
    let value = format!("attachment; filename=\"{name}\"");
    (header::CONTENT_DISPOSITION, value)
}
