use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::envelope::{failure, rejected, success};
use crate::delivery::Dispatcher;
use crate::job::Job;

#[derive(Deserialize)]
pub(super) struct TriggerOptions {
    /// Whether to answer after every delivery has ended.
    #[serde(default)]
    wait: bool,
}

pub(super) async fn trigger(
    State(dispatcher): State<Arc<Dispatcher>>,
    options: Result<Query<TriggerOptions>, QueryRejection>,
    job: Result<Json<Job>, JsonRejection>,
) -> Response {
    let Ok(Query(options)) = options else {
        return failure(StatusCode::BAD_REQUEST, "wait must be true or false");
    };
    let job = match job {
        Ok(Json(job)) => job,
        // A job contains no secret, so the text may quote it.
        Err(rejection) => return failure(rejection.status(), &rejection.body_text()),
    };
    match dispatcher.trigger(&job) {
        Ok(mut triggered) if options.wait => success(StatusCode::OK, triggered.finished().await),
        Ok(triggered) => success(StatusCode::ACCEPTED, triggered.report()),
        Err(error) => rejected(&error),
    }
}

#[derive(Deserialize)]
pub(super) struct After {
    /// The last sequence number that the caller has seen.
    #[serde(default)]
    after: u64,
}

pub(super) async fn attempts(
    State(dispatcher): State<Arc<Dispatcher>>,
    after: Result<Query<After>, QueryRejection>,
) -> Response {
    match after {
        Ok(Query(After { after })) => success(StatusCode::OK, dispatcher.history.after(after)),
        Err(_) => failure(StatusCode::BAD_REQUEST, "after must be a sequence number"),
    }
}
