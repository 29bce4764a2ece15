use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{self, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::envelope::{failure, rejected, success};
use crate::delivery::Dispatcher;
use crate::job::Job;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Options {
    /// Whether to answer after every delivery has ended.
    wait: bool,
    /// The last sequence number that the caller has seen.
    after: u64,
}

type Query = Result<extract::Query<Options>, QueryRejection>;

pub(super) async fn trigger(
    State(dispatcher): State<Arc<Dispatcher>>,
    options: Query,
    job: Result<Json<Job>, JsonRejection>,
) -> Response {
    let Ok(options) = options else {
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

pub(super) async fn attempts(
    State(dispatcher): State<Arc<Dispatcher>>,
    options: Query,
) -> Response {
    match options {
        Ok(options) => success(StatusCode::OK, dispatcher.history.after(options.after)),
        Err(_) => failure(StatusCode::BAD_REQUEST, "after must be a sequence number"),
    }
}
