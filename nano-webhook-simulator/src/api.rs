//! The HTTP side: the documented API, and routes of the simulator's own.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{delete, get, patch, post};

use crate::access::Access;
use crate::delivery::Dispatcher;

mod envelope;
mod jobs;
mod webhooks;

use envelope::failure;

/// Far more than any request needs.
const BODY_LIMIT: usize = 64 * 1024;

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
        .fallback(async || failure(StatusCode::NOT_FOUND, "there is nothing at this path"))
        .method_not_allowed_fallback(async || {
            failure(
                StatusCode::METHOD_NOT_ALLOWED,
                "this path does not know this method",
            )
        })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(Arc::new(access), authorize))
        .with_state(dispatcher)
}

async fn authorize(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    if access.allows(request.headers()) {
        next.run(request).await
    } else {
        failure(StatusCode::UNAUTHORIZED, "the key is missing or wrong")
    }
}
