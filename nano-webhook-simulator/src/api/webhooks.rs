use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use nano_webhook_core::Secret;
use serde_json::{Value, json};

use super::envelope::{failure, not_json, not_registered, success};
use crate::delivery::Dispatcher;
use crate::error::RegisterError;

type Body = Result<Json<Value>, JsonRejection>;

pub(super) async fn list(State(dispatcher): State<Arc<Dispatcher>>) -> Response {
    success(StatusCode::OK, dispatcher.registry.list().await)
}

pub(super) async fn create(State(dispatcher): State<Arc<Dispatcher>>, body: Body) -> Response {
    let Json(body) = match body {
        Ok(body) => body,
        Err(rejection) => return not_json(&rejection),
    };
    let created = match NewWebhook::read(body) {
        Ok(new) => {
            (dispatcher.registry)
                .create(new.url, new.events, new.secret)
                .await
        }
        Err(error) => Err(error),
    };
    match created {
        Ok(webhook) => success(StatusCode::OK, webhook),
        Err(error) => not_registered(&error),
    }
}

pub(super) async fn delete(
    State(dispatcher): State<Arc<Dispatcher>>,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = id.parse() else {
        return no_such_id(&id);
    };
    match dispatcher.registry.delete(id).await {
        Ok(()) => success(StatusCode::OK, json!({ "id": id })),
        Err(error) => not_registered(&error),
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
    let body = match body {
        Ok(Json(body)) => body,
        Err(rejection) => return not_json(&rejection),
    };
    let status = body
        .get("status")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match dispatcher.registry.set_status(id, status.to_owned()).await {
        Ok(webhook) => success(StatusCode::OK, webhook),
        Err(error) => not_registered(&error),
    }
}

fn no_such_id(id: &str) -> Response {
    let message = format!("there is no webhook {id:?}");
    failure(StatusCode::NOT_FOUND, &message)
}

struct NewWebhook {
    url: String,
    events: Vec<String>,
    secret: Option<Secret>,
}

impl NewWebhook {
    /// Field by field, so that each mistake is named. What is not documented is
    /// ignored.
    fn read(mut body: Value) -> Result<Self, RegisterError> {
        let Some(fields) = body.as_object_mut() else {
            return Err(RegisterError::invalid("the body must be an object"));
        };
        let url = match fields.remove("url") {
            Some(Value::String(url)) => url,
            _ => return Err(RegisterError::invalid("url is required and must be a text")),
        };
        let events = fields.remove("events").map(serde_json::from_value);
        let Some(Ok(events)) = events else {
            let problem = "events is required and must be an array of texts";
            return Err(RegisterError::invalid(problem));
        };
        let secret = match fields.remove("secret_key") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(
                Secret::new(text)
                    .map_err(|_| RegisterError::invalid("secret_key must not be empty"))?,
            ),
            Some(_) => return Err(RegisterError::invalid("secret_key must be a text")),
        };
        Ok(Self {
            url,
            events,
            secret,
        })
    }
}
