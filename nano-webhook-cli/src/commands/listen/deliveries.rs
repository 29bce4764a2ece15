use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::response::{IntoResponse as _, Json};
use nano_webhook_core::Delivery;
use serde_json::{Value, json};

use super::record::Record;

/// The last deliveries.
pub(super) struct Deliveries {
    last: Mutex<VecDeque<Arc<Record>>>,
    /// The accepted ones among them: number, event and task.
    accepted: Mutex<VecDeque<(u64, String, String)>>,
    keep: usize,
    last_id: AtomicU64,
}

impl Deliveries {
    pub(super) fn new(keep: usize) -> Self {
        Self {
            last: Mutex::default(),
            accepted: Mutex::default(),
            keep,
            last_id: AtomicU64::new(0),
        }
    }

    /// The number of the next one.
    pub(super) fn next_id(&self) -> u64 {
        self.last_id
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1)
    }

    /// Notes an accepted delivery. Gives the number of an earlier one with the same
    /// event and task, if that is still kept.
    pub(super) fn accept(&self, id: u64, delivery: &Delivery) -> Option<u64> {
        let event = delivery.event().name();
        let task_id = delivery.event().task_id()?;
        let mut accepted = lock(&self.accepted);
        let earlier = accepted
            .iter()
            .find(|(_, name, task)| name == event && task == task_id)
            .map(|(id, ..)| *id);
        if accepted.len() >= self.keep {
            accepted.pop_front();
        }
        accepted.push_back((id, event.to_owned(), task_id.to_owned()));
        earlier
    }

    pub(super) fn push(&self, record: Arc<Record>) {
        let mut last = lock(&self.last);
        if last.len() >= self.keep {
            last.pop_front();
        }
        last.push_back(record);
    }

    /// The answer to `GET /deliveries`, if it is asked by address.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response<Body> {
        // A web page can make a browser ask under the page's own name, once that name
        // resolves to this machine, and read the answer.
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let authority = host.and_then(|host| host.parse::<axum::http::uri::Authority>().ok());
        let is_address = |host: &str| {
            host.trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok()
        };
        let named = authority.is_some_and(|authority| {
            nano_webhook_fetch::names_loopback(authority.host()) || is_address(authority.host())
        });
        if named {
            return Json(self.to_json()).into_response();
        }
        let problem = "ask by address, as in http://127.0.0.1:4020/deliveries\n";
        (StatusCode::FORBIDDEN, problem).into_response()
    }

    /// All that are kept, the oldest first, with their bodies.
    fn to_json(&self) -> Value {
        lock(&self.last)
            .iter()
            .map(|record| {
                let mut value = record.to_json();
                if let Some(object) = value.as_object_mut() {
                    let body = String::from_utf8_lossy(&record.body.bytes);
                    object.insert("body".to_owned(), json!(body));
                }
                value
            })
            .collect()
    }
}

fn lock<T>(list: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code that holds a lock can leave its list half-changed.
    list.lock().unwrap_or_else(PoisonError::into_inner)
}
