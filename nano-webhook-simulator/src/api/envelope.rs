use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use crate::error::{Error, ErrorKind};

#[derive(Serialize)]
struct Success<T> {
    success: bool,
    data: T,
}

#[derive(Serialize)]
struct Failure<'a> {
    success: bool,
    message: &'a str,
}

/// `{"success":true,"data":…}`, as documented.
pub(super) fn success(status: StatusCode, data: impl Serialize) -> Response {
    let success = true;
    (status, Json(Success { success, data })).into_response()
}

/// `{"success":false,"message":…}`. The provider documents no failures.
pub(super) fn failure(status: StatusCode, message: &str) -> Response {
    let success = false;
    (status, Json(Failure { success, message })).into_response()
}

/// Replaces the texts of the extractor, which quote values: one of them may be a
/// secret.
pub(super) fn not_json(rejection: &JsonRejection) -> Response {
    let message = match rejection {
        JsonRejection::MissingJsonContentType(_) => "the content type must be application/json",
        JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) => {
            "the body must be JSON"
        }
        _ => "the body could not be read",
    };
    failure(rejection.status(), message)
}

pub(super) fn rejected(error: &Error) -> Response {
    let status = match error.kind() {
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Busy | ErrorKind::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    failure(status, &error.to_string())
}
