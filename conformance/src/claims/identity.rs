//! What makes two deliveries the same (DESIGN.md, D8).

use std::time::Duration;

use nano_webhook_core::dedupe::DedupeBuilder;
use nano_webhook_test_kit::SignedRequest;

use crate::answers::has_status;
use crate::settings::Settings;
use crate::table::Table;
use crate::target::Target;

/// A name, two bodies, and how often the handler is called.
#[rustfmt::skip]
const PAIRS: [(&str, &str, &str, usize); 5] = [
    ("one task, two bodies: the same", r#"{"event":"job.failed","task_id":"a","error":"one"}"#, r#"{"event":"job.failed","task_id":"a","error":"two"}"#, 1),
    ("one task, two events: not the same", r#"{"event":"job.failed","task_id":"a"}"#, r#"{"event":"job.completed","task_id":"a","data":{"url":"u"}}"#, 2),
    ("two tasks: not the same", r#"{"event":"job.failed","task_id":"a"}"#, r#"{"event":"job.failed","task_id":"b"}"#, 2),
    ("no task, one body: the same", r#"{"event":"credits.low"}"#, r#"{"event":"credits.low"}"#, 1),
    ("no task, two bodies: not the same", r#"{"event":"credits.low","left":1}"#, r#"{"event":"credits.low","left":2}"#, 2),
];

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    for (name, one, other, calls) in PAIRS {
        table.claims(name, async move |claims| {
            for body in [one, other] {
                has_status(&claims.post(&SignedRequest::new(body)).await?, 200)?;
            }
            claims.has_calls(calls)
        });
    }
    let name = "one task, two bodies: each handled once, where that was chosen";
    table.claims_with(name, DedupeBuilder::handle_differing, async |claims| {
        let (_, one, two, _) = PAIRS[0];
        for body in [one, two, one, two] {
            has_status(&claims.post(&SignedRequest::new(body)).await?, 200)?;
        }
        claims.has_calls(2)
    });
    table.claims("signed again at another time: the same", async |claims| {
        let body = SignedRequest::for_task("a").body;
        for seconds in [0, 60, 120] {
            let time = Settings::NOW.saturating_sub(Duration::from_secs(seconds));
            let request = SignedRequest::signed(SignedRequest::SECRET, time, body.clone());
            has_status(&claims.post(&request).await?, 200)?;
        }
        claims.has_calls(1)
    });
    table.claims("unsigned headers make no difference", async |claims| {
        for id in ["1", "2"] {
            let mut request = SignedRequest::for_task("a");
            for name in ["x-request-id", "idempotency-key", "x-nano-event"] {
                request = request.header(name, id);
            }
            has_status(&claims.post(&request).await?, 200)?;
        }
        claims.has_calls(1)
    });
}
