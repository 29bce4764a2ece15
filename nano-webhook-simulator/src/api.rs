//! The HTTP server: the documented API, and the simulator's own routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{delete, get, patch, post};
use tokio::net::TcpListener;

use crate::access::Access;
use crate::delivery::Dispatcher;
use crate::lifecycle::{Phase, PhaseWatch};

mod envelope;
mod jobs;
mod webhooks;

use envelope::failure;

const BODY_LIMIT: usize = 64 * 1024;

/// Serves until the simulator stops and the open requests are answered.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut phase: PhaseWatch) {
    let mut stopping = phase.clone();
    let stopping = async move { stopping.reached(Phase::Stopping).await };
    let server = axum::serve(listener, router).with_graceful_shutdown(stopping);
    tokio::select! {
        _ = server => {}
        () = phase.reached(Phase::Aborted) => {}
    }
}

pub(crate) fn router(dispatcher: Arc<Dispatcher>, access: Access) -> Router {
    Router::new()
        .route(
            "/api/v1/webhooks",
            get(webhooks::list).post(webhooks::create),
        )
        .route("/api/v1/webhooks/{id}", delete(webhooks::delete))
        .route("/simulator/webhooks/{id}", patch(webhooks::set_status))
        .route("/simulator/jobs", post(jobs::trigger))
        .route("/simulator/attempts", get(jobs::attempts))
        .fallback(async || failure(StatusCode::NOT_FOUND, "the path does not exist"))
        .method_not_allowed_fallback(async || {
            failure(
                StatusCode::METHOD_NOT_ALLOWED,
                "the path does not support this method",
            )
        })
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
