//! The HTTP server: the documented API, and the simulator's own routes.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, patch, post};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::access::Access;
use crate::delivery::Dispatcher;
use crate::error::{Error, ErrorKind};
use crate::lifecycle::{Phase, reached};

mod calls;

const BODY_LIMIT: usize = 64 * 1024;

/// Serves until the simulator stops and the open requests are answered.
pub(crate) async fn serve(listener: TcpListener, router: Router, phase: watch::Receiver<Phase>) {
    let stopping = reached(phase.clone(), Phase::Stopping);
    let server = axum::serve(listener, router).with_graceful_shutdown(stopping);
    tokio::select! {
        _ = server => {}
        () = reached(phase, Phase::Aborted) => {}
    }
}

pub(crate) fn router(dispatcher: Arc<Dispatcher>, access: Access) -> Router {
    let no_path = async || failure(StatusCode::NOT_FOUND, "the path does not exist");
    let no_method = async || {
        let message = "the path does not support this method";
        failure(StatusCode::METHOD_NOT_ALLOWED, message)
    };
    Router::new()
        .route("/api/v1/webhooks", get(calls::list).post(calls::create))
        .route("/api/v1/webhooks/{id}", delete(calls::delete))
        .route("/simulator/webhooks/{id}", patch(calls::set_status))
        .route("/simulator/jobs", post(calls::trigger))
        .route("/simulator/attempts", get(calls::attempts))
        .fallback(no_path)
        .method_not_allowed_fallback(no_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(Arc::new(access), authorize))
        .with_state(dispatcher)
}

async fn authorize(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    match access.check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err((status, message)) => failure(status, message),
    }
}

/// `{"success":true,"data":…}`, as documented.
fn success(status: StatusCode, data: impl Serialize) -> Response {
    #[derive(Serialize)]
    struct Success<T> {
        success: bool,
        data: T,
    }
    let success = true;
    (status, Json(Success { success, data })).into_response()
}

/// `{"success":false,"message":…}`. The provider documents no failures.
fn failure(status: StatusCode, message: &str) -> Response {
    let body = json!({ "success": false, "message": message });
    (status, Json(body)).into_response()
}

/// Replaces the texts of the extractor, which quote values: one of them may be a
/// secret.
fn not_json(rejection: &JsonRejection) -> Response {
    let message = match rejection {
        JsonRejection::MissingJsonContentType(_) => "the content type must be application/json",
        JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) => {
            "the body must be JSON"
        }
        _ => "the body could not be read",
    };
    failure(rejection.status(), message)
}

fn answer(outcome: Result<impl Serialize, Error>) -> Response {
    let error = match outcome {
        Ok(data) => return success(StatusCode::OK, data),
        Err(error) => error,
    };
    let status = match error.kind() {
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Busy | ErrorKind::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    failure(status, &error.to_string())
}
