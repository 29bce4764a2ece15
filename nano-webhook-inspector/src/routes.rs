use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

use crate::assets;
use crate::export;
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
        .route("/api/deliveries", get(feed))
        .route("/api/deliveries/{id}", get(delivery))
        .route("/api/deliveries/{id}/body", get(body))
        .route("/api/deliveries/{id}/media/{n}", get(medium))
        .route("/api/send", post(send))
        .route("/api/trigger", post(trigger))
        .route("/api/export", get(export::export))
        .fallback(asset)
        .layer(DefaultBodyLimit::max(LARGEST_ORDER))
        .layer(from_fn_with_state(gate, guard))
        .with_state(inspector)
}

async fn asset(method: axum::http::Method, uri: axum::http::Uri) -> Response {
    match assets::find(uri.path()) {
        Some((content_type, text)) if method == "GET" || method == "HEAD" => {
            ([(header::CONTENT_TYPE, content_type)], text).into_response()
        }
        Some(_) => {
            let allow = [(header::ALLOW, "GET, HEAD")];
            (StatusCode::METHOD_NOT_ALLOWED, allow).into_response()
        }
        None => not_found("no such path").into_response(),
    }
}

fn not_found(detail: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", detail)
}

async fn delivery(
    State(inspector): State<Inspector>,
    Path(id): Path<u64>,
) -> Result<Response, Problem> {
    let record = kept(&inspector, id)?;
    Ok(Json(view::detail(&record, &inspector.0.receiver)).into_response())
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
    let medium = view::medium(&*kept(&inspector, id)?);
    let Some(medium) = medium.filter(|_| n == 0) else {
        return Err(not_found("no such picture or video"));
    };
    media::fetch(inspector.0.reach, &medium.url).await
}

pub(crate) fn kept(inspector: &Inspector, id: u64) -> Result<Arc<Record>, Problem> {
    let record = inspector.0.store.get(id);
    record.ok_or_else(|| {
        let detail = format!("delivery {id} is not kept");
        Problem::new(StatusCode::NOT_FOUND, "not_kept", detail)
    })
}

pub(crate) fn attachment(name: &str) -> (header::HeaderName, String) {
    let value = format!("attachment; filename=\"{name}\"");
    (header::CONTENT_DISPOSITION, value)
}
