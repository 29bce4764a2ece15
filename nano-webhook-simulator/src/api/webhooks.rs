use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use nano_webhook_core::Secret;
use serde::Serialize;
use serde_json::{Value, json};

use super::envelope::{failure, not_json, rejected, success};
use crate::delivery::Dispatcher;
use crate::error::Error;
use crate::registry::{Registry, Webhook};

type Body = Result<Json<Value>, JsonRejection>;

pub(super) async fn list(State(dispatcher): State<Arc<Dispatcher>>) -> Response {
    success(StatusCode::OK, dispatcher.registry.list())
}

pub(super) async fn create(State(dispatcher): State<Arc<Dispatcher>>, body: Body) -> Response {
    match body {
        Ok(Json(body)) => answer(register(&dispatcher.registry, body)),
        Err(rejection) => not_json(&rejection),
    }
}

pub(super) async fn delete(
    State(dispatcher): State<Arc<Dispatcher>>,
    Path(id): Path<String>,
) -> Response {
    match id.parse() {
        Ok(id) => answer(dispatcher.registry.delete(id).map(|()| json!({ "id": id }))),
        Err(_) => no_such_id(&id),
    }
}

pub(super) async fn set_status(
    State(dispatcher): State<Arc<Dispatcher>>,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    let Ok(id) = id.parse() else {
        return no_such_id(&id);
    };
    match body {
        Ok(Json(body)) => {
            let status = body.get("status").and_then(Value::as_str);
            let status = status.unwrap_or_default().to_owned();
            answer(dispatcher.registry.set_status(id, status))
        }
        Err(rejection) => not_json(&rejection),
    }
}

fn answer(outcome: Result<impl Serialize, Error>) -> Response {
    match outcome {
        Ok(data) => success(StatusCode::OK, data),
        Err(error) => rejected(&error),
    }
}

fn no_such_id(id: &str) -> Response {
    let message = format!("webhook {id:?} does not exist");
    failure(StatusCode::NOT_FOUND, &message)
}

/// Reads field by field, so that each mistake is named. Ignores undocumented
/// fields.
fn register(registry: &Registry, mut body: Value) -> Result<Webhook, Error> {
    let fields =
        (body.as_object_mut()).ok_or_else(|| Error::invalid("the body must be an object"))?;
    let Some(Value::String(url)) = fields.remove("url") else {
        return Err(Error::invalid("url is required and must be a string"));
    };
    let events = fields.remove("events").map(serde_json::from_value);
    let Some(Ok(events)) = events else {
        let problem = "events is required and must be an array of strings";
        return Err(Error::invalid(problem));
    };
    let secret = match fields.remove("secret_key") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => {
            Some(Secret::new(text).map_err(|_| Error::invalid("secret_key must not be empty"))?)
        }
        Some(_) => return Err(Error::invalid("secret_key must be a string")),
    };
    registry.create(url, events, secret)
}
