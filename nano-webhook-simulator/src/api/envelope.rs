use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use crate::error::RegisterError;

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

/// `{"success":false,"message":…}`; what the provider says then is not
/// documented.
pub(super) fn failure(status: StatusCode, message: &str) -> Response {
    let success = false;
    (status, Json(Failure { success, message })).into_response()
}

/// The usual status, but not the usual text: that quotes values, and one of
/// them may be a secret.
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

pub(super) fn not_registered(error: &RegisterError) -> Response {
    let status = match error {
        RegisterError::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        RegisterError::NotFound { .. } => StatusCode::NOT_FOUND,
        RegisterError::WriteState { source, .. } => {
            tracing::error!(%error, %source, "nothing was changed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    failure(status, &error.to_string())
}
