use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use nano_webhook_core::Secret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{answer, failure, not_json, success};
use crate::delivery::Dispatcher;
use crate::error::Error;
use crate::job::Job;
use crate::registry::{Registry, Webhook};

type State = extract::State<Arc<Dispatcher>>;
type Body<T> = Result<Json<T>, JsonRejection>;
type Query = Result<extract::Query<Options>, QueryRejection>;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Options {
    /// Whether to answer after every delivery has ended.
    wait: bool,
    /// The last sequence number that the caller has seen.
    after: u64,
}

pub(super) async fn list(dispatcher: State) -> Response {
    success(StatusCode::OK, dispatcher.registry.list())
}

pub(super) async fn create(dispatcher: State, body: Body<Value>) -> Response {
    match body {
        Ok(Json(body)) => answer(register(&dispatcher.registry, body)),
        Err(rejection) => not_json(&rejection),
    }
}

pub(super) async fn delete(dispatcher: State, Path(id): Path<String>) -> Response {
    match id.parse() {
        Ok(id) => answer(dispatcher.registry.delete(id).map(|()| json!({ "id": id }))),
        Err(_) => no_such_id(&id),
    }
}

pub(super) async fn set_status(
    dispatcher: State,
    Path(id): Path<String>,
    body: Body<Value>,
) -> Response {
    match (id.parse(), body) {
        (Err(_), _) => no_such_id(&id),
        (_, Err(rejection)) => not_json(&rejection),
        (Ok(id), Ok(body)) => {
            let status = body.get("status").and_then(Value::as_str);
            let status = status.unwrap_or_default().to_owned();
            answer(dispatcher.registry.set_status(id, status))
        }
    }
}

pub(super) async fn trigger(dispatcher: State, options: Query, job: Body<Job>) -> Response {
    let Ok(options) = options else {
        return failure(StatusCode::BAD_REQUEST, "wait must be true or false");
    };
    let triggered = match job {
        Ok(Json(job)) => dispatcher.trigger(&job),
        // A job contains no secret, so the text may quote it.
        Err(rejection) => return failure(rejection.status(), &rejection.body_text()),
    };
    match triggered {
        Ok(mut triggered) if options.wait => success(StatusCode::OK, triggered.finished().await),
        Ok(triggered) => success(StatusCode::ACCEPTED, triggered.report()),
        Err(error) => answer(Err::<(), _>(error)),
    }
}

pub(super) async fn attempts(dispatcher: State, options: Query) -> Response {
    match options {
        Ok(options) => success(StatusCode::OK, dispatcher.history.after(options.after)),
        Err(_) => failure(StatusCode::BAD_REQUEST, "after must be a sequence number"),
    }
}

fn no_such_id(id: &str) -> Response {
    let message = format!("webhook {id:?} does not exist");
    failure(StatusCode::NOT_FOUND, &message)
}

/// Reads field by field, so that each mistake is named. Ignores undocumented
/// fields.
fn register(registry: &Registry, mut body: Value) -> Result<Webhook, Error> {
    let invalid = |problem: &'static str| Err(Error::invalid(problem));
    let Some(fields) = body.as_object_mut() else {
        return invalid("the body must be an object");
    };
    let Some(Value::String(url)) = fields.remove("url") else {
        return invalid("url is required and must be a string");
    };
    let events = fields.remove("events").map(serde_json::from_value);
    let Some(Ok(events)) = events else {
        return invalid("events is required and must be an array of strings");
    };
    let secret = match fields.remove("secret_key") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => match Secret::new(text) {
            Ok(secret) => Some(secret),
            Err(_) => return invalid("secret_key must not be empty"),
        },
        Some(_) => return invalid("secret_key must be a string"),
    };
    registry.create(url, events, secret)
}
