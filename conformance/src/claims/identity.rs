//! What makes two deliveries the same (DESIGN.md, D8).

use std::time::Duration;

use nano_webhook_core::dedupe::DedupeBuilder;

use crate::answers::has_status;
use crate::settings::Settings;
use crate::table::Table;
use crate::target::Target;
use nano_webhook_test_kit::SignedRequest;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    for (name, one, other, calls) in [
        (
            "one task, two bodies: the same",
            r#"{"event":"job.failed","task_id":"a","error":"one"}"#,
            r#"{"event":"job.failed","task_id":"a","error":"two"}"#,
            1,
        ),
        (
            "one task, two events: not the same",
            r#"{"event":"job.failed","task_id":"a"}"#,
            r#"{"event":"job.completed","task_id":"a","data":{"url":"u"}}"#,
            2,
        ),
        (
            "two tasks: not the same",
            r#"{"event":"job.failed","task_id":"a"}"#,
            r#"{"event":"job.failed","task_id":"b"}"#,
            2,
        ),
        (
            "no task, one body: the same",
            r#"{"event":"credits.low"}"#,
            r#"{"event":"credits.low"}"#,
            1,
        ),
        (
            "no task, two bodies: not the same",
            r#"{"event":"credits.low","left":1}"#,
            r#"{"event":"credits.low","left":2}"#,
            2,
        ),
    ] {
        table.claims(name, async move |claims| {
            for body in [one, other] {
                let answer = claims.post(&SignedRequest::new(body)).await?;
                has_status(&answer, 200)?;
            }
            claims.has_calls(calls)
        });
    }
    table.claims_with(
        "one task, two bodies: each handled once, where that was chosen",
        Settings::default(),
        DedupeBuilder::handle_differing,
        async |claims| {
            for error in ["one", "two", "one", "two"] {
                let body = format!(r#"{{"event":"job.failed","task_id":"a","error":"{error}"}}"#);
                has_status(&claims.post(&SignedRequest::new(body)).await?, 200)?;
            }
            claims.has_calls(2)
        },
    );
    table.claims("signed again at another time: the same", async |claims| {
        let body = SignedRequest::for_task("a").body;
        for seconds in [0, 60, 120] {
            let time = Settings::NOW.saturating_sub(Duration::from_secs(seconds));
            let request = SignedRequest::signed(SignedRequest::SECRET, time, body.clone());
            has_status(&claims.post(&request).await?, 200)?;
        }
        claims.has_calls(1)
    });
    table.claims(
        "headers that nobody signed make no difference",
        async |claims| {
            for id in ["1", "2"] {
                let request = SignedRequest::for_task("a")
                    .header("x-request-id", id)
                    .header("idempotency-key", id)
                    .header("x-nano-event", id);
                has_status(&claims.post(&request).await?, 200)?;
            }
            claims.has_calls(1)
        },
    );
}
