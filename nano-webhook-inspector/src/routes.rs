use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use crate::assets;
use crate::export::{self, Format};
use crate::feed::feed;
use crate::gate::{Gate, guard};
use crate::inspector::Inspector;
use crate::media;
use crate::problem::Problem;
use crate::record::Record;
use crate::sending::{send, trigger};
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

pub(crate) fn kept(inspector: &Inspector, id: u64) -> Result<Arc<Record>, Problem> {
    inspector
        .store()
        .get(id)
        .ok_or_else(|| Problem::not_kept(id))
}

fn attachment(name: &str) -> (header::HeaderName, String) {
    let value = format!("attachment; filename=\"{name}\"");
    (header::CONTENT_DISPOSITION, value)
}
